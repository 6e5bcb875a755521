using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>show</c>: shows the facts about one installed product.</summary>
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
        var facts = OpenAgent(parsed).Get(parsed.GetRequiredValue(_product));
        if (IsJson(parsed))
        {
            Terminal.WriteJson(facts, ReportJson.Product);
            return Task.FromResult(0);
        }
        Terminal.WriteLine($"product   {facts.Product} ({facts.Platform})");
        Terminal.WriteLine($"server    {facts.Server}");
        Terminal.WriteLine($"channel   {facts.Channel}");
        if (facts.PointerExpiresUnixSeconds is { } expires)
            Terminal.WriteLine($"pointer   valid until {Printable.Time(expires)}{(facts.IsStale ? " (STALE)" : "")}");
        Terminal.WriteLine($"path      {facts.Path}");
        foreach (var release in facts.Releases)
        {
            var role = release == facts.Current ? "current" : release == facts.Previous ? "previous" : "kept";
            Terminal.WriteLine(
                $"{role,-9} {release.Version} (counter {release.Counter}, installed "
                + $"{Printable.Time(release.InstalledUnixSeconds)}, manifest {release.ManifestDigest})");
        }
        return Task.FromResult(0);
    }
}
