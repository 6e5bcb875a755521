using ChunkOta.Agent.Cli;
using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Durable;

NativeHeap.ReturnLargeBlocks();
SystemAuthorities.KeepFromRuntime(NativeEnvironment.Set);
return await AgentProgram.RunAsync(args, Terminal.OfProcess(), CancellationToken.None);
