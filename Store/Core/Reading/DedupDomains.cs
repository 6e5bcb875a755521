using System.Collections.Concurrent;

namespace ChunkOta.Storage;

/// <summary>Tells the domains of products, and remembers them: a product's domain never changes. Any number of callers
/// at once.</summary>
/// <param name="identities">Has the products.</param>
internal sealed class DedupDomains(IIdentityCatalogue identities)
{
    private readonly ConcurrentDictionary<string, DedupDomain> _known = [];

    /// <summary>The domain of a product; the shared one for a product that does not exist, which has no
    /// content.</summary>
    public async ValueTask<DedupDomain> FindAsync(string product, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(product, out var known)) return known;
        return await identities.FindProductAsync(product, cancellationToken).ConfigureAwait(false) is { } found
            ? _known.GetOrAdd(product, found.Domain)
            : DedupDomain.Shared;
    }
}
