using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>show</c>: shows one installed product.</summary>
internal sealed class ShowVerb : AgentVerb
{
    private readonly Argument<string> _product = Product();

    /// <summary>Makes the command.</summary>
    public ShowVerb(AgentContext context)
        : base(context, "show", "Shows the details of an installed product.", "ota-agent show editor") =>
        Add(_product);

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var summary = OpenAgent(parsed).Get(parsed.GetRequiredValue(_product));
        if (IsJson(parsed))
        {
            Terminal.WriteJson(summary, ReportJson.Product);
            return Task.FromResult(0);
        }
        Terminal.WriteLine($"product   {summary.Product} ({summary.Platform})");
        Terminal.WriteLine($"server    {summary.Server}");
        if (summary.ServerTrust is { } trust)
            Terminal.WriteLine($"trusted   by {trust}");
        Terminal.WriteLine($"channel   {summary.Channel}");
        if (summary.PointerExpiresUnixSeconds is { } expires)
            Terminal.WriteLine($"pointer   valid until {Printable.Time(expires)}{(summary.IsStale ? " (STALE)" : "")}");
        Terminal.WriteLine($"path      {summary.Path}");
        foreach (var release in summary.Releases)
        {
            var role = release == summary.Current ? "current" : release == summary.Previous ? "previous" : "kept";
            Terminal.WriteLine(
                $"{role,-9} {release.FullVersion} (counter {release.Counter}, installed "
                + $"{Printable.Time(release.InstalledUnixSeconds)}, manifest {release.ManifestDigest})");
        }
        return Task.FromResult(0);
    }
}
