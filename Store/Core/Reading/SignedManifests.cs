using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Reads manifests, each verified as a device verifies it: digest and signatures.</summary>
/// <remarks>
/// The digest of a manifest does not cover its signatures. Without valid ones it would look like an attack to every
/// device, so it is found here.
/// </remarks>
/// <param name="releases">Reads the manifests.</param>
/// <param name="identities">Has the trust roots.</param>
public sealed class SignedManifests(ReleaseReader releases, IIdentityCatalogue identities)
{
    private const int RootsPerQuery = 64;

    /// <summary>Its commit has checked the limits.</summary>
    private static readonly ManifestLimits Anything = new(int.MaxValue, int.MaxValue);

    /// <summary>A visible release's manifest as it was signed.</summary>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE: it is gone; OBJECT_DAMAGED.</exception>
    public async ValueTask<Envelope> GetAsync(Digest manifest, CancellationToken cancellationToken)
    {
        var envelope = await releases.GetManifestAsync(manifest, cancellationToken).ConfigureAwait(false);
        if (await IsSignedAsync(envelope, cancellationToken).ConfigureAwait(false)) return envelope;
        var name = ObjectName.Manifest(manifest);
        throw new ObjectDamagedException($"object {name} is damaged: its signatures are not valid") { Name = name };
    }

    /// <summary>Tells whether any root of the product vouches for a manifest: its keys may have been removed
    /// since.</summary>
    private async ValueTask<bool> IsSignedAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var product = ManifestEntries.Read(envelope.Payload.Memory, Anything).Head.Product;
        for (ulong after = 0; ;)
        {
            var roots = await identities.ListRootsAsync(product, after, RootsPerQuery, cancellationToken)
                .ConfigureAwait(false);
            if (roots.Any(root => Vouches(root, envelope, product))) return true;
            if (roots.Count < RootsPerQuery) return false;
            after = roots[^1].Version;
        }
    }

    private static bool Vouches(RootRecord root, Envelope envelope, string product)
    {
        try
        {
            var trusted = VerifiedRoot.SelfSigned(Envelope.Parser.ParseFrom(root.Envelope.Span));
            var keys = trusted.Keys(RoleKeys.ReleaseRole);
            SignedDocument.CheckSignatures(envelope, PayloadTypes.Manifest, keys, product);
            return true;
        }
        catch (ChunkOtaException)
        {
            // A root that did not sign it, or one that the catalogue lost.
            return false;
        }
    }
}
