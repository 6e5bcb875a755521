using System.Text;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Runs the tools that read and write the environment of a boot loader.</summary>
/// <param name="clock">Limits their time.</param>
internal sealed class EnvironmentTool(TimeProvider clock)
{
    private static readonly string[] Folders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin"];
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Runs a tool.</summary>
    /// <param name="names">The names that it has on different systems.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="changes">The file that it changes in place; null for none.</param>
    /// <returns>The lines that it wrote.</returns>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: it is not installed. <c>IO_ERROR</c>: it
    /// failed.</exception>
    public string[] Run(string[] names, string[] arguments, string? changes = null)
    {
        var program = Find(names);
        var order = new ProgramOrder([program, .. arguments], ["PATH=/usr/bin:/bin", "LANG=C"], Limit, changes);
        var outcome = BoundedProgram.Run(order, clock, CancellationToken.None);
        return FailureOf(outcome) is { } failure
            ? throw new ChunkOtaException(
                ErrorCodes.IoError,
                $"the boot loader's environment cannot be used: {program} {string.Join(' ', arguments)}: {failure}")
            : outcome.Output.Split('\n');
    }

    /// <summary>Says how a tool failed; null when it succeeded. Output without its beginning is a failure: a variable
    /// that is cut off would count as not set.</summary>
    private static string? FailureOf(ProgramOutcome outcome) =>
        outcome.IsTimedOut ? $"no end within {Limit.TotalSeconds:0} s"
        : outcome.ExitCode != 0 ? OneLine.Of(outcome.Output)
        : Encoding.UTF8.GetByteCount(outcome.Output) >= BoundedProgram.MaxOutputBytes
            ? $"it is longer than {SizeText.Of(BoundedProgram.MaxOutputBytes)}"
        : null;

    private static string Find(string[] names) =>
        (from name in names
         from folder in Folders
         let path = $"{folder}/{name}"
         where File.Exists(path)
         select path).FirstOrDefault()
        ?? throw new ChunkOtaException(
            ErrorCodes.ConfigInvalid, $"{names[0]} is not installed: it writes the boot loader's environment");
}
