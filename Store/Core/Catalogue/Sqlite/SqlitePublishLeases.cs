namespace ChunkOta.Storage;

/// <summary>Publishes under way, in SQLite.</summary>
internal sealed class SqlitePublishLeases(SqliteDatabase database, TimeProvider time) : IPublishLeases
{
    private const string Columns =
        "SELECT u.id, p.name, u.platform, u.version, u.channel, u.allows_older, u.expires"
        + " FROM publishes u JOIN products p ON p.id = u.product_id";

    /// <summary>A renewal that would gain less is not worth a sync of the disk.</summary>
    private static readonly TimeSpan LeastGain = TimeSpan.FromMinutes(1);

    public Task<PublishLease> BeginAsync(
        string product,
        string platform,
        string version,
        string channel,
        bool allowsOlder,
        CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var now = time.GetUtcNow();
                _ = session["DELETE FROM publishes WHERE expires <= ?1"].Bind(1, now).Run();
                var lease = new PublishLease
                {
                    Id = Guid.NewGuid(),
                    Product = product,
                    Platform = platform,
                    Version = version,
                    Channel = channel,
                    AllowsOlder = allowsOlder,
                    Expires = now + IPublishLeases.Lifetime,
                };
                _ = session[
                    """
                    INSERT INTO publishes (id, product_id, platform, version, channel, allows_older, expires)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                    """]
                    .Bind(1, lease.Id).Bind(2, SqliteProducts.GetId(session, product)).Bind(3, platform).Bind(4, version)
                    .Bind(5, channel).Bind(6, allowsOlder ? 1 : 0).Bind(7, lease.Expires).Run();
                return lease;
            },
            cancellationToken);

    public async Task<PublishLease> RenewAsync(Guid publish, CancellationToken cancellationToken = default)
    {
        var lease = await database.ReadAsync(session => Get(session, publish, time.GetUtcNow()), cancellationToken)
            .ConfigureAwait(false);
        var until = time.GetUtcNow() + IPublishLeases.Lifetime;
        if (until - lease.Expires < LeastGain)
            return lease;
        _ = await database.WriteAsync(
            session =>
            {
                _ = Get(session, publish, time.GetUtcNow());
                return session["UPDATE publishes SET expires = ?2 WHERE id = ?1"].Bind(1, publish).Bind(2, until).Run();
            },
            cancellationToken).ConfigureAwait(false);
        return lease with { Expires = until };
    }

    public ValueTask<IReadOnlyList<PublishLease>> ListAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<PublishLease>>(
            session =>
            {
                List<PublishLease> leases = [];
                var row = session[Columns + " WHERE u.expires > ?1 ORDER BY u.expires, u.id"].Bind(1, time.GetUtcNow());
                while (row.Step())
                    leases.Add(Read(row));
                return leases;
            },
            cancellationToken);

    /// <summary>The lease of a publish, alive.</summary>
    /// <exception cref="CatalogueRefusedException"><c>PUBLISH_UNKNOWN</c>.</exception>
    internal static PublishLease Get(SqliteSession session, Guid publish, DateTimeOffset now)
    {
        var row = session[Columns + " WHERE u.id = ?1 AND u.expires > ?2"].Bind(1, publish).Bind(2, now);
        if (!row.Step())
            throw new CatalogueRefusedException(
                ErrorCodes.PublishUnknown, "The publish is unknown or its lease has ended: begin again.");
        var lease = Read(row);
        row.Reset();
        return lease;
    }

    private static PublishLease Read(SqliteStatement row) => new()
    {
        Id = row.Guid(0),
        Product = row.Text(1),
        Platform = row.Text(2),
        Version = row.Text(3),
        Channel = row.Text(4),
        AllowsOlder = row.Flag(5),
        Expires = row.Time(6),
    };
}
