using ChunkOta.Cli;
using ChunkOta.Server;

var terminal = Terminal.OfProcess();
// The log is written to the console's.
Console.SetError(terminal.Error);
return await ServerProgram.RunAsync(args, terminal);
