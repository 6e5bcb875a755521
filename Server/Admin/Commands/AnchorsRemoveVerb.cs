using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>anchors remove</c>: makes an anchor an ordinary release again.</summary>
internal sealed class AnchorsRemoveVerb : AdminVerb
{
    private readonly ReleaseName _release = new();

    public AnchorsRemoveVerb(AdminContext context) : base(context, "remove",
        "Makes an anchor an ordinary release again. The deltas from it stay; no more are built from it.",
        "ota-admin anchors remove app 1.4.0 --platform linux-x64") => _release.AddTo(this);

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var release = await _release.FindAsync(session, parsed, cancellationToken);
        var answer = await session.Administration.RemoveAnchorAsync(
            new RemoveAnchorRequest { ManifestDigest = release.Manifest.Digest }, cancellationToken: cancellationToken);
        if (IsJson(parsed))
            Terminal.WriteJson(
                new RemovedAnchor(release.Product, release.Platform, release.Version, answer.WasThere),
                AdminJson.Default.RemovedAnchor);
        else
            Terminal.WriteLine($"{release.Product} {release.Version} {release.Platform} "
                + (answer.WasThere ? "is no longer an anchor" : "was not an anchor"));
    }
}
