using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Channel pointers, in one transaction.</summary>
internal class SqlPointers(SqlSession session, DateTimeOffset now) : SqlLookup(session), IPointerTransaction
{
    /// <summary>The time of the transaction.</summary>
    protected DateTimeOffset Now { get; } = now;

    public LastPointer? FindPointer(string product, string platform, string channel) =>
        Session[
            """
            SELECT t.seq, t.digest, r.counter FROM pointers t JOIN releases r ON r.manifest = t.current
            WHERE t.product_id = $1 AND t.platform = $2 AND t.channel = $3
            """]
            .Bind(1, GetProductId(Session, product)).Bind(2, platform).Bind(3, channel)
            .First(row => new LastPointer((ulong)row.Long(0), row.Digest(1), (ulong)row.Long(2)));

    public IReadOnlyList<(string Platform, string Channel)> ListLiveChannels(string product) =>
        Session["SELECT platform, channel FROM pointers WHERE product_id = $1 AND deleted IS NULL"]
            .Bind(1, GetProductId(Session, product)).List(row => (row.Text(0), row.Text(1)));

    public IReadOnlyList<Digest> ListWithdrawn(string product, string platform) =>
        Session["SELECT manifest FROM withdrawals WHERE product_id = $1 AND platform = $2"]
            .Bind(1, GetProductId(Session, product)).Bind(2, platform).List(row => row.Digest(0));

    public void AddWithdrawal(string product, string platform, Digest manifest, string reason) =>
        _ = Session[
            "INSERT INTO withdrawals (product_id, platform, manifest, withdrawn, reason) VALUES ($1, $2, $3, $4, $5)"]
            .Bind(1, GetProductId(Session, product)).Bind(2, platform).Bind(3, manifest).Bind(4, Now).Bind(5, reason)
            .Run();

    public void RemoveWithdrawal(string product, string platform, Digest manifest) =>
        _ = Session["DELETE FROM withdrawals WHERE product_id = $1 AND platform = $2 AND manifest = $3"]
            .Bind(1, GetProductId(Session, product)).Bind(2, platform).Bind(3, manifest).Run();

    public long CountFollowers(string product, string platform, string channel) =>
        Session[
            """
            SELECT count(*) FROM devices d LEFT JOIN device_reports r ON r.device_id = d.id AND r.product = $2
            WHERE d.product_id = $1 AND coalesce(r.channel, d.channel) = $4
              AND (coalesce(r.platform, d.platform) = $3 OR ($3 = 'any' AND NOT EXISTS (
                SELECT 1 FROM pointers t WHERE t.product_id = $1 AND t.channel = $4 AND t.deleted IS NULL
                  AND t.platform = coalesce(r.platform, d.platform))))
            """]
            .Bind(1, GetProductId(Session, product)).Bind(2, product).Bind(3, platform).Bind(4, channel)
            .FirstValue(row => row.Long(0)) ?? 0;

    public void DeleteChannel(string product, string platform, string channel) =>
        _ = Session[
            "UPDATE pointers SET deleted = $4 WHERE product_id = $1 AND platform = $2 AND channel = $3"]
            .Bind(1, GetProductId(Session, product)).Bind(2, platform).Bind(3, channel).Bind(4, Now).Run();

    public void PutPointer(NewPointer pointer)
    {
        var product = GetProductId(Session, pointer.Product);
        _ = Session[
            """
            INSERT INTO pointers
              (product_id, platform, channel, seq, digest, current, candidate, issued, expires, envelope)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (product_id, platform, channel) DO UPDATE SET seq = $4, digest = $5, current = $6,
              candidate = $7, issued = $8, expires = $9, envelope = $10, deleted = NULL
            """]
            .Bind(1, product).Bind(2, pointer.Platform).Bind(3, pointer.Channel).Bind(4, (long)pointer.Seq)
            .Bind(5, pointer.Digest).Bind(6, pointer.Current).Bind(7, pointer.Candidate).Bind(8, pointer.Issued)
            .Bind(9, pointer.Expires).Bind(10, pointer.Envelope).Run();
        _ = Session[
            """
            INSERT INTO channel_releases (product_id, platform, channel, release_id) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING
            """]
            .Bind(1, product).Bind(2, pointer.Platform).Bind(3, pointer.Channel)
            .Bind(4, GetReleaseId(Session, pointer.Current)).Run();
        if (Session.Dialect.TellMoved is { Length: > 0 } tell)
            _ = Session[tell].Bind(1, pointer.Product).Any();
    }

    /// <summary>The versions that were ever current in a channel.</summary>
    internal static List<string> ListVersions(SqlSession session, string product, string platform, string channel) =>
        session[
            """
            SELECT r.version FROM channel_releases c
            JOIN releases r ON r.id = c.release_id JOIN products p ON p.id = c.product_id
            WHERE p.name = $1 AND c.platform = $2 AND c.channel = $3
            """]
            .Bind(1, product).Bind(2, platform).Bind(3, channel).List(row => row.Text(0));
}
