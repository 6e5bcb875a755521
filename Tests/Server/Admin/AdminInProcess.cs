using ChunkOta.Admin;
using ChunkOta.Cli;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin;

/// <summary>ota-admin's command line in this process, by a clock that the test moves.</summary>
internal sealed class AdminInProcess
{
    public ShiftedTime Clock { get; } = new();

    /// <summary>Standard input.</summary>
    public string Input { get; set; } = "";

    /// <summary>What whoever sits at the terminal types; null when nobody does.</summary>
    public Queue<string>? Secrets { get; set; }

    public async Task<ProgramRun> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal
        {
            In = new StringReader(Input),
            Out = output,
            Error = error,
            AskSecret = Secrets is { } secrets ? _ => secrets.Dequeue() : null,
        };
        var exit = await AdminProgram.RunAsync(arguments, terminal, Clock, CancellationToken.None);
        return new ProgramRun(exit, output.ToString(), error.ToString());
    }
}
