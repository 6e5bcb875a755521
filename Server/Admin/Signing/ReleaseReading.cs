using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>Reads the manifests of releases that the server lists.</summary>
internal static class ReleaseReading
{
    /// <summary>A release's manifest, verified: signed by the publisher, and of this very release.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="release">The release as the server lists it; nothing in it is trusted.</param>
    /// <param name="root">The publisher's own trust root.</param>
    /// <exception cref="ChunkOtaException"><c>SIG_INVALID</c>, <c>DIGEST_MISMATCH</c>, <c>WRONG_TARGET</c>,
    /// …</exception>
    public static async Task<VerifiedManifest> ReadAsync(
        Session session, Release release, VerifiedRoot root, CancellationToken cancellationToken)
    {
        var envelope = await ManifestReader.ReadAsync(session, release.Manifest, cancellationToken);
        var manifest = VerifiedManifest.Verify(envelope, root);
        var head = manifest.Head;
        return (head.Product, head.Platform, head.Version) == (release.Product, release.Platform, release.Version)
            ? manifest
            : throw new ChunkOtaException(
                ErrorCodes.WrongTarget,
                $"the server sent a wrong manifest: {head.Product} {head.Version} for {head.Platform} instead of "
                + $"{release.Product} {release.Version} for {release.Platform}: ask its operator");
    }
}
