using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>The releases of a product and everything that needs them, in one transaction.</summary>
internal static class SqlReleaseUses
{
    /// <summary>All releases whose content is there, by platform, the newest first.</summary>
    internal static List<ReleaseUse> List(SqlSession session, string product, DateTimeOffset devicesSince)
    {
        if (SqlLookup.FindProductId(session, product) is not { } id) return [];
        var rows = session[
            """
            SELECT r.id, r.platform, r.version, r.counter, r.manifest, r.deleted, a.since
            FROM releases r LEFT JOIN anchors a ON a.release_id = r.id
            WHERE r.product_id = $1 AND r.purged IS NULL ORDER BY r.platform, r.counter DESC
            """]
            .Bind(1, id).List(row => (Number: row.Long(0), Use: Read(product, row)));
        var newest = rows.Where(row => row.Use.Deleted is null).GroupBy(row => row.Use.Platform)
            .Select(line => line.First().Number).ToHashSet();
        var history = ReadHistory(session, id);
        var channels = ReadChannels(session, id);
        var devices = session[
            """
            SELECT running, count(*) FROM device_reports WHERE product = $1 AND received >= $2 AND running IS NOT NULL
            GROUP BY running
            """]
            .Bind(1, product).Bind(2, devicesSince).List(row => (Running: row.Digest(0), Count: row.Long(1)))
            .ToDictionary(row => row.Running, row => row.Count);
        return rows.ConvertAll(row => row.Use with
        {
            IsNewest = newest.Contains(row.Number),
            Channels = [.. channels[row.Use.Manifest].Distinct().Order(StringComparer.Ordinal)],
            History = [.. history[row.Number].Order(StringComparer.Ordinal)],
            Devices = devices.GetValueOrDefault(row.Use.Manifest),
        });
    }

    private static ReleaseUse Read(string product, SqlRow row) => new()
    {
        Product = product,
        Platform = row.Text(1),
        Version = row.Text(2),
        Counter = (ulong)row.Long(3),
        Manifest = row.Digest(4),
        Deleted = row.TimeOrNull(5),
        IsAnchor = !row.IsNull(6),
    };

    private static ILookup<long, string> ReadHistory(SqlSession session, long product) =>
        session["SELECT release_id, channel FROM channel_releases WHERE product_id = $1"]
            .Bind(1, product).List(row => (Release: row.Long(0), Channel: row.Text(1)))
            .ToLookup(row => row.Release, row => row.Channel);

    /// <summary>The channels that point to a release, as current or as candidate.</summary>
    private static ILookup<Digest, string> ReadChannels(SqlSession session, long product) =>
        session["SELECT channel, current, candidate FROM pointers WHERE product_id = $1 AND deleted IS NULL"]
            .Bind(1, product).List(row => (Channel: row.Text(0), Current: row.Digest(1), Next: row.DigestOrNull(2)))
            .SelectMany(row => row.Next is { } next
                ? new[] { (row.Channel, Manifest: row.Current), (row.Channel, Manifest: next) }
                : [(row.Channel, Manifest: row.Current)])
            .ToLookup(row => row.Manifest, row => row.Channel);
}
