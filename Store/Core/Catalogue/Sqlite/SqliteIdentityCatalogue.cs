namespace ChunkOta.Storage;

/// <summary>Products and tokens in SQLite.</summary>
internal sealed class SqliteIdentityCatalogue(SqliteDatabase database) : IIdentityCatalogue
{
    private const string Tokens =
        """
        SELECT t.id, t.secret_digest, t.role, p.name, t.channel, t.created, t.expires, t.uses, t.used, t.is_revoked, t.label
        FROM tokens t LEFT JOIN products p ON p.id = t.product_id
        """;

    public Task<bool> CreateProductAsync(NewProduct product, CancellationToken cancellationToken = default) =>
        database.WriteAsync(session => SqliteProducts.Create(session, product), cancellationToken);

    public ValueTask<ProductRecord?> FindProductAsync(string name, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqliteProducts.Find(session, name), cancellationToken);

    public ValueTask<IReadOnlyList<ProductRecord>> ListProductsAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<ProductRecord>>(SqliteProducts.List, cancellationToken);

    public ValueTask<IReadOnlyList<RootRecord>> ListRootsAsync(
        string product, ulong afterVersion, int max, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<RootRecord>>(
            session => SqliteProducts.ListRoots(session, product, afterVersion, max), cancellationToken);

    public async Task AddTokenAsync(TokenRecord token, CancellationToken cancellationToken = default) =>
        _ = await database.WriteAsync(
            session =>
            {
                var insert = session[
                    """
                    INSERT INTO tokens
                      (id, secret_digest, role, product_id, channel, created, expires, uses, used, is_revoked, label)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                    """]
                    .Bind(1, token.Id).Bind(2, token.SecretDigest).Bind(3, (int)token.Role).Bind(5, token.Channel)
                    .Bind(6, token.Created).Bind(7, token.Expires).Bind(8, token.Uses).Bind(9, token.Used)
                    .Bind(10, token.IsRevoked ? 1 : 0).Bind(11, token.Label);
                if (token.Product is { } product)
                    _ = insert.Bind(4, SqliteProducts.GetId(session, product));
                return insert.Run();
            },
            cancellationToken).ConfigureAwait(false);

    public ValueTask<TokenRecord?> FindTokenAsync(string id, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => FindToken(session, id), cancellationToken);

    public ValueTask<IReadOnlyList<TokenRecord>> ListTokensAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<TokenRecord>>(
            session =>
            {
                List<TokenRecord> tokens = [];
                var row = session[Tokens + " ORDER BY t.created, t.id"];
                while (row.Step())
                    tokens.Add(ReadToken(row));
                return tokens;
            },
            cancellationToken);

    public async Task RevokeTokenAsync(string id, CancellationToken cancellationToken = default) =>
        _ = await database.WriteAsync(
            session => session["UPDATE tokens SET is_revoked = 1 WHERE id = ?1"].Bind(1, id).Run() == 1
                ? true
                : throw new CatalogueRefusedException(
                    ErrorCodes.TokenUnknown, $"There is no token {id}: list the tokens."),
            cancellationToken).ConfigureAwait(false);

    internal static TokenRecord? FindToken(SqliteSession session, string id)
    {
        var row = session[Tokens + " WHERE t.id = ?1"].Bind(1, id);
        var token = row.Step() ? ReadToken(row) : null;
        row.Reset();
        return token;
    }

    private static TokenRecord ReadToken(SqliteStatement row) => new()
    {
        Id = row.Text(0),
        SecretDigest = row.Digest(1),
        Role = (AccessRole)row.Int(2),
        Product = row.TextOrNull(3),
        Channel = row.TextOrNull(4),
        Created = row.Time(5),
        Expires = row.TimeOrNull(6),
        Uses = row.Int(7),
        Used = row.Int(8),
        IsRevoked = row.Flag(9),
        Label = row.Text(10),
    };
}
