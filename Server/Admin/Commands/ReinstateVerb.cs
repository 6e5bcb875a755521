using System.CommandLine;
using ChunkOta.Chunking;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary><c>reinstate</c>: ends the withdrawal of a release.</summary>
internal sealed class ReinstateVerb : AdminVerb
{
    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly Argument<string?> _version = new("VERSION")
    {
        Description = "The version that is withdrawn.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _manifests = new("--manifest")
    {
        Description = "Instead of a version: the digest of a manifest, as 'channels --json' lists it, even if its "
            + "release was never published; may be given again.",
        HelpName = "DIGEST",
    };

    private readonly Option<string?> _platform = new Option<string?>("--platform")
    {
        Description = "Only on this platform; without it, on all.",
        HelpName = "RID",
    }.FromEnvironment("OTA_PLATFORM");

    private readonly KeyOptions _keys = new("The folder with root.json and channel.key; release.key is not needed.");

    private readonly Option<TimeSpan> _pointerLife = PublishVerb.PointerLifeOption();

    public ReinstateVerb(AdminContext context) : base(context, "reinstate",
        "Ends the withdrawal of a release: every channel of its platforms says so, signed, and devices may install it "
        + "again.",
        "ota-admin reinstate app 1.4.1 --keys keys",
        "# A withdrawal that names no release, from a thief of the channel key:",
        "ota-admin reinstate app --keys keys --manifest "
        + "5d91f0ffe38d601cd58568acf125e39a9722ee0ef1437d2815d2942fa50f6c62")
    {
        Add(_product);
        Add(_version);
        Add(_manifests);
        Add(_platform);
        _keys.AddTo(this);
        Add(_pointerLife);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var goal = new ReinstatementGoal
        {
            Product = parsed.GetRequiredValue(_product),
            Version = parsed.GetValue(_version),
            Manifests = [.. (parsed.GetValue(_manifests) ?? []).Select(ParseDigest)],
            Platform = parsed.GetValue(_platform),
            PointerLife = parsed.GetValue(_pointerLife),
        };
        goal.Check();
        using var keys = PublisherKeys.Open(
            await _keys.ReadAsync(parsed, Terminal, cancellationToken), goal.Product, needsRelease: false,
            Clock.GetUtcNow());
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var warnings = await SigningWarnings.FindAsync(
            session, keys.Root, goal.Product, Clock.GetUtcNow(), cancellationToken);
        var platforms = await new Reinstatement(session, goal, keys, Clock).RunAsync(cancellationToken);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(
                new ReinstatementReport(goal.Product, platforms, warnings), AdminJson.Default.ReinstatementReport);
            return;
        }

        foreach (var platform in platforms)
        {
            var what = goal.Version ?? Printable.Count(platform.Manifests.Count, "manifest");
            var change = platform.WasWithdrawn ? "no longer withdrawn" : "not withdrawn";
            Terminal.WriteLine(
                $"{goal.Product} {platform.Platform}: {change}: {what} (channels: "
                + $"{string.Join(' ', platform.Channels)})");
        }

        Warn(warnings);
    }

    private static Digest ParseDigest(string text) => Digest.TryParse(text, out var digest)
        ? digest
        : throw new ChunkOtaException(
            ErrorCodes.Usage, $"--manifest takes 64 lower-case hex digits, not '{Protos.OneLine.Of(text)}'");
}
