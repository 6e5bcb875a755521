using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>anchors add</c>: pins a release as known-good.</summary>
internal sealed class AnchorsAddVerb : AdminVerb
{
    private readonly ReleaseName _release = new();

    public AnchorsAddVerb(AdminContext context) : base(context, "add",
        "Pins a release as known-good: it is never collected, and the server builds best deltas from it to each newer "
        + "release that is or becomes current.",
        "ota-admin anchors add app 1.4.0",
        "ota-admin anchors add app 1.4.0 --platform linux-x64 --json") => _release.AddTo(this);

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var release = await _release.FindAsync(session, parsed, cancellationToken);
        var answer = await session.Administration.AddAnchorAsync(
            new AddAnchorRequest { ManifestDigest = release.Manifest.Digest }, cancellationToken: cancellationToken);
        if (IsJson(parsed))
            Terminal.WriteJson(
                new AddedAnchor(release.Product, release.Platform, release.Version, answer.AlreadyThere),
                AdminJson.Default.AddedAnchor);
        else
            Terminal.WriteLine($"{release.Product} {release.Version} {release.Platform} "
                + (answer.AlreadyThere ? "was an anchor already" : "is an anchor"));
    }
}
