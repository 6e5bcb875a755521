using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Products with their trust roots, and tokens. Any number of callers at once.</summary>
public interface IIdentityCatalogue
{
    /// <summary>Registers a product.</summary>
    /// <returns>False when the same product exists already.</returns>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_TAKEN</c>: it exists with another first root or with
    /// other cut parameters.</exception>
    Task<bool> CreateProductAsync(NewProduct product, CancellationToken cancellationToken = default);

    /// <summary>Sets or removes a product's quota.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="bytes">The most bytes that it may have; null for any number.</param>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>.</exception>
    Task<ProductUse> SetQuotaAsync(string product, long? bytes, CancellationToken cancellationToken = default);

    /// <summary>Adds trust roots to a product, all or none. When it returns, they survive a power cut.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="after">The digest of the newest root, which the first of them follows.</param>
    /// <param name="roots">Verified roots of consecutive versions, in order.</param>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>; <c>ROOT_CHAIN</c>: the newest root is
    /// another one by now.</exception>
    Task AddRootsAsync(
        string product, Digest after, IReadOnlyList<RootRecord> roots, CancellationToken cancellationToken = default);

    /// <summary>The product of a name; null when there is none.</summary>
    ValueTask<ProductRecord?> FindProductAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>All products, by name.</summary>
    ValueTask<IReadOnlyList<ProductRecord>> ListProductsAsync(CancellationToken cancellationToken = default);

    /// <summary>The trust roots of a product after a version, in order.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="afterVersion">0 for all.</param>
    /// <param name="max">The most roots to return.</param>
    ValueTask<IReadOnlyList<RootRecord>> ListRootsAsync(
        string product, ulong afterVersion, int max, CancellationToken cancellationToken = default);

    /// <summary>Stores a token. When it returns, the token survives a power cut.</summary>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>.</exception>
    Task AddTokenAsync(TokenRecord token, CancellationToken cancellationToken = default);

    /// <summary>The token of an id, revoked and expired ones included; null when there is none.</summary>
    ValueTask<TokenRecord?> FindTokenAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>All tokens, the oldest first.</summary>
    ValueTask<IReadOnlyList<TokenRecord>> ListTokensAsync(CancellationToken cancellationToken = default);

    /// <summary>Revokes a token. May be repeated.</summary>
    /// <exception cref="ChunkOtaException"><c>TOKEN_UNKNOWN</c>; <c>LAST_ADMIN_TOKEN</c>: nobody could
    /// administer the server.</exception>
    Task RevokeTokenAsync(string id, CancellationToken cancellationToken = default);
}
