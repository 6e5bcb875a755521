namespace ChunkOta.Storage.Sql;

/// <summary>Publish leases, in one transaction.</summary>
internal sealed class SqlLeases(SqlSession session) : SqlLookup(session), ILeaseTransaction
{
    private const string Columns =
        """
        SELECT u.id, p.name, u.platform, u.version, u.channel, u.allowances, u.expires, p.dedup_mask
        FROM publishes u JOIN products p ON p.id = u.product_id
        """;

    public DedupDomain GetDomain(string product) => FindDomain(Session, product);

    public PublishLease? FindLease(Guid publish) => Find(Session, publish);

    public void RemoveLeases(DateTimeOffset endedAt, DateTimeOffset abandonedAt) =>
        _ = Session["DELETE FROM publishes WHERE expires <= $1 AND (brought_bytes = 0 OR expires <= $2)"]
            .Bind(1, endedAt).Bind(2, abandonedAt).Run();

    public void AddLease(PublishLease lease) =>
        _ = Session[
            """
            INSERT INTO publishes (id, product_id, platform, version, channel, allowances, expires, generation)
            VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT generation FROM collection))
            """]
            .Bind(1, lease.Id).Bind(2, GetProductId(Session, lease.Product)).Bind(3, lease.Platform)
            .Bind(4, lease.Version).Bind(5, lease.Channel).Bind(6, (int)lease.Allowances)
            .Bind(7, lease.Expires).Run();

    internal static PublishLease? Find(SqlSession session, Guid publish) =>
        session[Columns + " WHERE u.id = $1"].Bind(1, publish).First(Read);

    internal static void SetExpiry(SqlSession session, Guid publish, DateTimeOffset expires) =>
        _ = session["UPDATE publishes SET expires = $2 WHERE id = $1"].Bind(1, publish).Bind(2, expires).Run();

    /// <summary>Counts bytes that a publish has stored.</summary>
    internal static void AddBrought(SqlSession session, Guid publish, long bytes) =>
        _ = session["UPDATE publishes SET brought_bytes = brought_bytes + $2 WHERE id = $1"]
            .Bind(1, publish).Bind(2, bytes).Run();

    internal static List<PublishLease> ListAlive(SqlSession session, DateTimeOffset now) =>
        session[Columns + " WHERE u.expires > $1 ORDER BY u.expires, u.id"].Bind(1, now).List(Read);

    private static PublishLease Read(SqlRow row) => new()
    {
        Id = row.Guid(0),
        Product = row.Text(1),
        Platform = row.Text(2),
        Version = row.Text(3),
        Channel = row.Text(4),
        Allowances = (Allowances)row.Int(5),
        Expires = row.Time(6),
        Domain = SqlProducts.ReadDomain(row, 7),
    };
}
