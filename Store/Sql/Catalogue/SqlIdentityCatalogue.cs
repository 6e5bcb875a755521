using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Products and tokens, in SQL.</summary>
internal sealed class SqlIdentityCatalogue(SqlDatabase database, TimeProvider clock) : IIdentityCatalogue
{
    public Task<bool> CreateProductAsync(NewProduct product, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => ProductRules.Create(new SqlProducts(session), product), cancellationToken);

    public Task<ProductUse> SetQuotaAsync(
        string product, long? bytes, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => QuotaRules.SetQuota(new SqlProducts(session), product, bytes), cancellationToken);

    public Task AddRootsAsync(
        string product, Digest after, IReadOnlyList<RootRecord> roots, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => ProductRules.AddRoots(new SqlProducts(session), product, after, roots), cancellationToken);

    public ValueTask<ProductRecord?> FindProductAsync(string name, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqlProducts.Find(session, name), cancellationToken);

    public ValueTask<IReadOnlyList<ProductRecord>> ListProductsAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<ProductRecord>>(SqlProducts.List, cancellationToken);

    public ValueTask<IReadOnlyList<RootRecord>> ListRootsAsync(
        string product, ulong afterVersion, int max, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<RootRecord>>(
            session => SqlProducts.ListRoots(session, product, afterVersion, max), cancellationToken);

    public Task AddTokenAsync(TokenRecord token, CancellationToken cancellationToken = default) =>
        database.WriteAsync(session => ProductRules.AddToken(new SqlProducts(session), token), cancellationToken);

    public ValueTask<TokenRecord?> FindTokenAsync(string id, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqlTokens.Find(session, id), cancellationToken);

    public ValueTask<IReadOnlyList<TokenRecord>> ListTokensAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<TokenRecord>>(SqlTokens.List, cancellationToken);

    public Task RevokeTokenAsync(string id, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => ProductRules.RevokeToken(new SqlProducts(session), id, clock.GetUtcNow()), cancellationToken);
}
