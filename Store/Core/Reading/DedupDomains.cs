using System.Collections.Concurrent;

namespace ChunkOta.Storage;

/// <summary>Tells the domains of products, and remembers them: a product's domain never changes. Any number of callers
/// at once.</summary>
/// <param name="identities">Has the products.</param>
internal sealed class DedupDomains(IIdentityCatalogue identities)
{
    private readonly ConcurrentDictionary<string, DedupDomain> _known = [];

    /// <summary>The domain of a product.</summary>
    /// <exception cref="ChunkOtaException">PRODUCT_UNKNOWN: the shared domain has content of others.</exception>
    public async ValueTask<DedupDomain> GetAsync(string product, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(product, out var known)) return known;
        var found = await identities.FindProductAsync(product, cancellationToken).ConfigureAwait(false)
            ?? throw ExistenceRules.UnknownProduct(product);
        return _known.GetOrAdd(product, found.Domain);
    }
}
