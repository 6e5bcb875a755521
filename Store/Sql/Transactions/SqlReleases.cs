using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Visible releases, in one transaction.</summary>
internal static class SqlReleases
{
    private const string Columns =
        """
        SELECT p.name, r.platform, r.version, r.counter, r.manifest, r.manifest_payload_bytes,
            r.manifest_envelope_bytes,
          r.published, r.logical_bytes, r.files, r.chunks, r.distinct_chunks, r.distinct_plain_bytes, r.new_chunks,
          r.new_plain_bytes, r.new_stored_bytes, a.since, r.build, w.withdrawn, w.reason
        FROM releases r JOIN products p ON p.id = r.product_id LEFT JOIN anchors a ON a.release_id = r.id
        LEFT JOIN withdrawals w ON w.product_id = r.product_id AND w.platform = r.platform AND w.manifest = r.manifest
        """;

    internal static ReleaseRecord? Find(SqlSession session, Digest manifest) =>
        WithChannels(
            session,
            session[Columns + " WHERE r.manifest = $1 AND r.deleted IS NULL"].Bind(1, manifest).First(Read));

    internal static ReleaseRecord? Find(SqlSession session, string product, string platform, string version) =>
        WithChannels(
            session,
            session[Columns + " WHERE p.name = $1 AND r.platform = $2 AND r.version = $3 AND r.deleted IS NULL"]
                .Bind(1, product).Bind(2, platform).Bind(3, version).First(Read));

    internal static ReleaseRecord? FindNewest(SqlSession session, string product, string platform) =>
        WithChannels(
            session,
            session[
                Columns
                + " WHERE p.name = $1 AND r.platform = $2 AND r.deleted IS NULL ORDER BY r.counter DESC LIMIT 1"]
                .Bind(1, product).Bind(2, platform).First(Read));

    /// <summary>The releases of a query, in their order, after a given one.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="query">The filter.</param>
    /// <param name="after">The last release of the previous page; null for the first page.</param>
    /// <param name="max">The most releases to return.</param>
    internal static List<ReleaseRecord> List(
        SqlSession session, ReleaseQuery query, (string Product, long Counter, string Platform)? after, int max)
    {
        var releases = session[Columns +
            """
             WHERE r.deleted IS NULL
              AND ($1 IS NULL OR p.name = $1) AND ($2 IS NULL OR r.platform = $2) AND ($3 IS NULL OR r.version = $3)
              AND ($8 = 0 OR a.since IS NOT NULL)
              AND ($4 IS NULL OR p.name > $4
                OR (p.name = $4 AND (r.counter < $5 OR (r.counter = $5 AND r.platform > $6))))
            ORDER BY p.name, r.counter DESC, r.platform LIMIT $7
            """]
            .Bind(1, query.Product).Bind(2, query.Platform).Bind(3, query.Version)
            .Bind(4, after?.Product).Bind(5, after?.Counter ?? 0).Bind(6, after?.Platform).Bind(7, max)
            .Bind(8, query.OnlyAnchors).List(Read);
        return releases.ConvertAll(release => WithChannels(session, release)!);
    }

    /// <summary>The figures of a release, from the columns that begin with its logical bytes.</summary>
    internal static ReleaseFigures ReadFigures(SqlRow row, int first) => new()
    {
        LogicalBytes = row.Long(first),
        Files = row.Long(first + 1),
        Chunks = row.Long(first + 2),
        DistinctChunks = row.Long(first + 3),
        DistinctPlainBytes = row.Long(first + 4),
        NewChunks = row.Long(first + 5),
        NewPlainBytes = row.Long(first + 6),
        NewStoredBytes = row.Long(first + 7),
    };

    private static ReleaseRecord? WithChannels(SqlSession session, ReleaseRecord? release) =>
        release is null
            ? null
            : release with
            {
                Channels = session[
                    "SELECT channel FROM pointers WHERE current = $1 AND deleted IS NULL ORDER BY channel"]
                    .Bind(1, release.Manifest).List(row => row.Text(0)),
            };

    private static ReleaseRecord Read(SqlRow row) => new()
    {
        Product = row.Text(0),
        Platform = row.Text(1),
        Version = row.Text(2),
        Counter = (ulong)row.Long(3),
        Manifest = row.Digest(4),
        ManifestPayloadBytes = row.Long(5),
        ManifestEnvelopeBytes = row.Long(6),
        Published = row.Time(7),
        Figures = ReadFigures(row, 8),
        Channels = [],
        Anchored = row.TimeOrNull(16),
        Build = row.Text(17),
        Withdrawal = row.TimeOrNull(18) is { } withdrawn ? new Withdrawal(withdrawn, row.Text(19)) : null,
    };
}
