using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>releases delete</c>: gives up a release.</summary>
internal sealed class ReleasesDeleteVerb : AdminVerb
{
    private readonly ReleaseName _release = new();

    private readonly Option<bool> _force = new("--force")
    {
        Description = "Delete it even if devices run it, or if it is held. Devices that run it keep it, and upgrade "
            + "from it by a delta or by chunks.",
    };

    public ReleasesDeleteVerb(AdminContext context) : base(context, "delete",
        "Deletes a release. It is not visible any more; until a collection gives up its content, 'releases undelete' "
        + "brings it back. Its version is never used again. Refused while a channel points to it, for the newest "
        + "release of a platform and for anchors; without --force also while devices run it, and if it is held. "
        + "Needs an admin token.",
        "ota-admin releases delete app 1.4.0",
        "ota-admin releases delete app 1.4.0 --platform linux-x64 --force")
    {
        _release.AddTo(this);
        Add(_force);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var release = await _release.FindAsync(session, parsed, cancellationToken);
        var deleted = await session.Administration.DeleteReleaseAsync(
            new DeleteReleaseRequest
            {
                ManifestDigest = release.Manifest.Digest,
                Force = parsed.GetValue(_force),
            },
            cancellationToken: cancellationToken);
        if (IsJson(parsed))
            Terminal.WriteJson(
                new DeletedRelease(
                    release.Product, release.Platform, release.Version, deleted.Devices, deleted.UntilUnixSeconds),
                AdminJson.Default.DeletedRelease);
        else
            Terminal.WriteLine(
                $"deleted {release.Product} {release.Version} {release.Platform}, "
                + $"devices that run it: {deleted.Devices}; it can come back until "
                + Printable.Time(deleted.UntilUnixSeconds));
    }
}
