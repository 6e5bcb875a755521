using ChunkOta.Agent.Cli;

return await AgentProgram.RunAsync(args, Terminal.OfProcess(), CancellationToken.None);
