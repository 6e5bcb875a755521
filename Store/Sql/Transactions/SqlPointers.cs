using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Channel pointers, in one transaction.</summary>
internal class SqlPointers(SqlSession session) : SqlLookup(session), IPointerTransaction
{
    public (ulong Seq, Digest Digest)? FindPointer(string product, string platform, string channel) =>
        Session["SELECT seq, digest FROM pointers WHERE product_id = $1 AND platform = $2 AND channel = $3"]
            .Bind(1, GetProductId(Session, product)).Bind(2, platform).Bind(3, channel)
            .FirstValue(row => ((ulong)row.Long(0), row.Digest(1)));

    public void PutPointer(NewPointer pointer)
    {
        var product = GetProductId(Session, pointer.Product);
        _ = Session[
            """
            INSERT INTO pointers
              (product_id, platform, channel, seq, digest, current, candidate, issued, expires, envelope)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (product_id, platform, channel) DO UPDATE SET seq = $4, digest = $5, current = $6,
              candidate = $7, issued = $8, expires = $9, envelope = $10
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
