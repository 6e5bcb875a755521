using ChunkOta.Agent.Cli;
using ChunkOta.Cli;

return await AgentProgram.RunAsync(args, Terminal.OfProcess(), CancellationToken.None);
