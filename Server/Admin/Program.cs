using ChunkOta.Admin;
using ChunkOta.Cli;

return await AdminProgram.RunAsync(args, Terminal.OfProcess(), CancellationToken.None);
