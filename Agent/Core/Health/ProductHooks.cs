using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Runs the programs that this device's owner has set for a product.</summary>
/// <remarks>They get a clean environment that names the product, the version, and the path of its release
/// tree.</remarks>
/// <param name="destination">Says where a release is.</param>
/// <param name="clock">Measures their time.</param>
internal sealed class ProductHooks(IInstalledReleases destination, TimeProvider clock)
{
    private const string SearchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Runs a program, and waits for its end on another thread.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="subject">What it is about.</param>
    public Task<ProgramOutcome> RunAsync(
        IReadOnlyList<string> command, TimeSpan limit, HookSubject subject, CancellationToken cancellationToken)
    {
        var order = new ProgramOrder(
            command,
            [
                SearchPath,
                "LANG=C.UTF-8",
                $"OTA_PRODUCT={subject.Product}",
                $"OTA_VERSION={subject.Version}",
                $"OTA_FROM_VERSION={subject.FromVersion}",
                $"OTA_RELEASE={destination.PathOf(subject.Version)}",
            ],
            limit);
        return Task.Run(() => BoundedProgram.Run(order, clock, cancellationToken), CancellationToken.None);
    }

    /// <summary>Says in one line how a program failed; null when it succeeded.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="limit">How long it was allowed to take.</param>
    public static string? FailureOf(ProgramOutcome outcome, TimeSpan limit)
    {
        var how = outcome.IsTimedOut ? $"did not end within {limit.TotalSeconds:0} s"
            : outcome.ExitCode != 0 ? $"exited with {outcome.ExitCode}"
            : null;
        var last = LastLine(outcome.Output);
        return how is null || last.Length == 0 ? how : $"{how}: {last}";
    }

    private static string LastLine(string output)
    {
        var text = output.AsSpan().TrimEnd();
        return OneLine.Of(text[(text.LastIndexOf('\n') + 1)..].ToString());
    }
}

/// <summary>The update that a program runs around.</summary>
/// <param name="Product">The product.</param>
/// <param name="Version">The version that is, or becomes, current.</param>
/// <param name="FromVersion">The version before it; empty for none.</param>
internal sealed record HookSubject(string Product, string Version, string FromVersion);
