using System.Security.Cryptography;

namespace ChunkOta.Storage;

/// <summary>Products, tokens and devices in SQLite.</summary>
internal sealed class SqliteIdentityCatalogue(SqliteDatabase database, TimeProvider time) : IIdentityCatalogue
{
    private const string Tokens =
        """
        SELECT t.id, t.secret_digest, t.role, p.name, t.channel, t.created, t.expires, t.uses, t.used, t.is_revoked, t.label
        FROM tokens t LEFT JOIN products p ON p.id = t.product_id
        """;

    private const string Devices =
        """
        SELECT d.id, p.name, d.channel, d.platform, d.public_key, d.token_id, d.enrolled
        FROM devices d JOIN products p ON p.id = d.product_id
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

    public Task<DeviceRecord> EnrolAsync(Enrolment enrolment, CancellationToken cancellationToken = default) =>
        database.WriteAsync(session => Enrol(session, enrolment, time.GetUtcNow()), cancellationToken);

    public ValueTask<DeviceRecord?> FindDeviceAsync(string id, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session =>
            {
                var row = session[Devices + " WHERE d.id = ?1"].Bind(1, id);
                return row.Step() ? ReadDevice(row) : null;
            },
            cancellationToken);

    public async Task PutReportAsync(DeviceReport report, CancellationToken cancellationToken = default) =>
        _ = await database.WriteAsync(session => SqliteReports.Put(session, report), cancellationToken)
            .ConfigureAwait(false);

    public ValueTask<DeviceReport?> FindReportAsync(string deviceId, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqliteReports.Find(session, deviceId), cancellationToken);

    public ValueTask<IReadOnlyList<RunningRelease>> ListRunningAsync(
        string product, CancellationToken cancellationToken = default) =>
        ListRunningAsync(product, null, cancellationToken);

    public ValueTask<IReadOnlyList<RunningRelease>> ListRunningAsync(
        string product, string? channel, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqliteReports.ListRunning(session, product, channel), cancellationToken);

    private static DeviceRecord Enrol(SqliteSession session, Enrolment enrolment, DateTimeOffset now)
    {
        var token = FindToken(session, enrolment.TokenId);
        if (token is not { Role: AccessRole.Install, IsRevoked: false, Product: { } product, Channel: { } channel })
            throw Invalid();
        if (token.Expires <= now)
            throw new CatalogueRefusedException(
                ErrorCodes.TokenExpired, $"The install token ended at {token.Expires:u}: ask for another.");

        var known = session[Devices + " WHERE d.token_id = ?1 AND d.public_key = ?2"]
            .Bind(1, token.Id).Bind(2, enrolment.PublicKey.Span);
        if (known.Step())
            return ReadDevice(known);
        if (token.Uses != 0 && token.Used >= token.Uses)
            throw Invalid();

        var device = new DeviceRecord
        {
            Id = RandomNumberGenerator.GetHexString(32, lowercase: true),
            Product = product,
            Channel = channel,
            Platform = enrolment.Platform,
            PublicKey = enrolment.PublicKey.ToArray(),
            TokenId = token.Id,
            Enrolled = now,
        };
        _ = session[
            """
            INSERT INTO devices (id, product_id, channel, platform, public_key, token_id, enrolled)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """]
            .Bind(1, device.Id).Bind(2, SqliteProducts.GetId(session, product)).Bind(3, channel)
            .Bind(4, device.Platform).Bind(5, device.PublicKey.Span).Bind(6, token.Id).Bind(7, now).Run();
        _ = session["UPDATE tokens SET used = used + 1 WHERE id = ?1"].Bind(1, token.Id).Run();
        return device;
    }

    /// <summary>One answer for every reason, so that a stranger learns nothing of which tokens there are.</summary>
    private static CatalogueRefusedException Invalid() =>
        new(ErrorCodes.TokenInvalid, "The install token is unknown, revoked or used up: ask for another.");

    private static TokenRecord? FindToken(SqliteSession session, string id)
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

    private static DeviceRecord ReadDevice(SqliteStatement row) => new()
    {
        Id = row.Text(0),
        Product = row.Text(1),
        Channel = row.Text(2),
        Platform = row.Text(3),
        PublicKey = row.Bytes(4),
        TokenId = row.Text(5),
        Enrolled = row.Time(6),
    };
}
