using ChunkOta.Admin;
using ChunkOta.Cli;

return await AdminProgram.RunAsync(args, Terminal.OfProcess(), TimeProvider.System, CancellationToken.None);
