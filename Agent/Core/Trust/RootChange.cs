using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Agent;

/// <summary>The part of the trust state that a device forgets when it accepts a newer trust root.</summary>
/// <remarks>
/// A wrong clock or a stolen key can raise a floor so far that no honest document reaches it. The root keys, which sign
/// nothing else, end that: a new root sets the time floor to its own date, and a root that removes a release key drops
/// the counters too, because what that key signed is refused from now on anyway. Pointers of a removed channel key stop
/// to bind by themselves: they do not verify any more.
/// </remarks>
internal static class RootChange
{
    /// <summary>Returns the trust state under the newest root.</summary>
    /// <param name="trust">The trust state so far.</param>
    /// <param name="from">The root that the device trusted; null before the first.</param>
    /// <param name="to">The root that it trusts now.</param>
    /// <param name="time">The time by the floor so far.</param>
    /// <param name="installed">The installed release; null for none.</param>
    /// <param name="manifests">The manifests that this device holds.</param>
    public static TrustRecord Apply(
        TrustRecord trust, VerifiedRoot? from, VerifiedRoot to, DeviceTime time, InstalledRelease? installed,
        ManifestStore manifests)
    {
        if (from?.Version == to.Version)
            return trust;
        trust = trust with { TimeFloorUnixSeconds = time.FloorUnder(to.Issued).ToUnixTimeSeconds() };
        if (from is null || !HasLostReleaseKey(from, to, trust.Product))
            return trust;
        var disowned = installed is not null && !IsSigned(installed, to, trust.Product, manifests)
            ? installed.ManifestDigest
            : (Digest?)null;
        return trust with
        {
            AcceptedCounter = 0,
            MinimumCounter = trust.TokenMinimumCounter,
            Disowned = disowned,
            DisownedRoot = disowned is null ? null
                : disowned == trust.Disowned ? trust.DisownedRoot
                : from.Envelope.ToByteArray(),
        };
    }

    /// <summary>Tells whether a release that is installed would still be accepted by its signatures.</summary>
    /// <param name="release">The release.</param>
    /// <param name="root">The trust root in force.</param>
    /// <param name="product">The product.</param>
    /// <param name="manifests">The manifests that this device holds.</param>
    public static bool IsSigned(
        InstalledRelease release, VerifiedRoot root, string product, ManifestStore manifests)
    {
        if (manifests.FindEnvelope(release.ManifestDigest) is not { } envelope)
            return false;
        try
        {
            SignedDocument.CheckSignatures(
                envelope, PayloadTypes.Manifest, root.Keys(RoleKeys.ReleaseRole), product);
            return true;
        }
        catch (SignatureRejectedException)
        {
            return false;
        }
    }

    private static bool HasLostReleaseKey(VerifiedRoot from, VerifiedRoot to, string product)
    {
        var left = to.Keys(RoleKeys.ReleaseRole);
        return from.Keys(RoleKeys.ReleaseRole).PublicKeys.Any(key => !left.Contains(key.Span, product));
    }
}
