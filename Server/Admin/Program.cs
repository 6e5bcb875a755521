using ChunkOta.Admin;

return await AdminProgram.RunAsync(args, Terminal.OfProcess(), CancellationToken.None);
