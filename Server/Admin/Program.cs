using ChunkOta.Admin;
using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Durable;

SystemAuthorities.KeepFromRuntime(NativeEnvironment.Set);
return await AdminProgram.RunAsync(args, Terminal.OfProcess(), TimeProvider.System, CancellationToken.None);
