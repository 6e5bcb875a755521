using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Trust roots in chains, each root signed by the keys of the one before it.</summary>
/// <remarks>A root does not say which product it is of. A manifest got into the store only with a signature that the
/// roots of its product vouch for, so the manifests tell.</remarks>
internal static class TrustChains
{
    /// <summary>Orders roots into chains, from the first to the newest. What is not signed is in none.</summary>
    public static IReadOnlyList<IReadOnlyList<VerifiedRoot>> Of(IEnumerable<Envelope> envelopes)
    {
        var roots = envelopes.Select(FindRoot).OfType<VerifiedRoot>().OrderBy(root => root.Version)
            .ThenBy(root => root.Digest.ToString(), StringComparer.Ordinal).ToList();
        List<List<VerifiedRoot>> chains = [];
        foreach (var root in roots)
        {
            var chain = chains.Find(known => Follows(root, known[^1]));
            if (chain is null) chains.Add([root]);
            else chain.Add(root);
        }

        return chains;
    }

    /// <summary>Tells whether a root of a chain vouches for a manifest: its keys may have been removed since.</summary>
    public static bool Vouch(IReadOnlyList<VerifiedRoot> chain, Envelope manifest, string product) =>
        chain.Any(root => Accepts(() => SignedDocument.CheckSignatures(
            manifest, PayloadTypes.Manifest, root.Keys(RoleKeys.ReleaseRole), product)));

    private static VerifiedRoot? FindRoot(Envelope envelope)
    {
        VerifiedRoot? root = null;
        return Accepts(() => root = VerifiedRoot.SelfSigned(envelope)) ? root : null;
    }

    private static bool Follows(VerifiedRoot root, VerifiedRoot previous) =>
        root.Version == previous.Version + 1 && Accepts(() => VerifiedRoot.Next(root.Envelope, previous));

    private static bool Accepts(Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (ChunkOtaException)
        {
            // Not signed by these keys.
            return false;
        }
    }
}
