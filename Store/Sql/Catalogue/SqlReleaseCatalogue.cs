using System.Globalization;
using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Releases, channels and figures, in SQL.</summary>
internal sealed class SqlReleaseCatalogue(SqlDatabase database, TimeProvider clock) : IReleaseCatalogue
{
    private const string Channels =
        """
        SELECT p.name, t.platform, t.channel, t.seq, t.current, t.candidate, t.expires, t.envelope, t.deleted,
          (SELECT coalesce(max(s.least), 0) FROM restores s),
          (SELECT coalesce(max(r.counter), 0) FROM releases r WHERE r.manifest = t.current)
        FROM pointers t JOIN products p ON p.id = t.product_id
        """;

    public Task<CommitOutcome> CommitAsync(
        Guid publish, NewRelease release, NewPointer? pointer, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                var named = release.In(SqlLookup.FindDomain(session, release.Product));
                return CommitRules.Commit(new SqlCommit(session, now), publish, named, pointer, now);
            },
            cancellationToken);

    public Task<CommitOutcome> CommitAsync(
        Guid publish, ReleaseRecord release, NewPointer? pointer, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                return CommitRules.Commit(new SqlCommit(session, now), publish, release, pointer, now);
            },
            cancellationToken);

    public Task PutPointersAsync(
        IReadOnlyList<NewPointer> pointers, Withdrawals? withdrawals, Allowances allowances,
        CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => PromotionRules.Promote(
                new SqlPointers(session, clock.GetUtcNow()), pointers, withdrawals ?? Withdrawals.Unchanged,
                allowances),
            cancellationToken);

    public Task RestorePointersAsync(
        IReadOnlyList<NewPointer> pointers, string reason, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => PromotionRules.Restore(new SqlPointers(session, clock.GetUtcNow()), pointers, reason),
            cancellationToken);

    public Task<DeletedChannel> DeleteChannelAsync(
        string product, string channel, string? platform, bool evenIfFollowed,
        CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => ChannelRules.Delete(
                new SqlPointers(session, clock.GetUtcNow()), product, channel, platform, evenIfFollowed),
            cancellationToken);

    public async Task<bool> AddAnchorAsync(Digest manifest, CancellationToken cancellationToken = default) =>
        await database.WriteAsync(
            session => session["INSERT INTO anchors (release_id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING"]
                .Bind(1, SqlLookup.GetKnownReleaseId(session, manifest)).Bind(2, clock.GetUtcNow()).Run(),
            cancellationToken).ConfigureAwait(false) > 0;

    public async Task<bool> RemoveAnchorAsync(Digest manifest, CancellationToken cancellationToken = default) =>
        await database.WriteAsync(
            session => session["DELETE FROM anchors WHERE release_id = $1"]
                .Bind(1, SqlLookup.GetKnownReleaseId(session, manifest)).Run(),
            cancellationToken).ConfigureAwait(false) > 0;

    public ValueTask<ReleaseRecord?> FindReleaseAsync(Digest manifest, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqlReleases.Find(session, manifest), cancellationToken);

    public ValueTask<ReleaseRecord?> FindReleaseAsync(
        string product, string platform, string version, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqlReleases.Find(session, product, platform, version), cancellationToken);

    public ValueTask<ReleaseRecord?> FindNewestAsync(
        string product, string platform, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => SqlReleases.FindNewest(session, product, platform), cancellationToken);

    public ValueTask<ReleasePage> ListReleasesAsync(ReleaseQuery query, CancellationToken cancellationToken = default)
    {
        var after = ReadPageToken(query.PageToken);
        var size = query.PageSize is > 0 and <= ReleaseQuery.MaxPageSize ? query.PageSize : ReleaseQuery.MaxPageSize;
        return database.ReadAsync(
            session =>
            {
                var releases = SqlReleases.List(session, query, after, size + 1);
                if (releases.Count <= size)
                    return new ReleasePage(releases, null);
                releases.RemoveAt(size);
                return new ReleasePage(releases, ToPageToken(releases[^1]));
            },
            cancellationToken);
    }

    public ValueTask<IReadOnlyList<string>> ListChannelVersionsAsync(
        string product, string platform, string channel, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<string>>(
            session => SqlPointers.ListVersions(session, product, platform, channel), cancellationToken);

    public ValueTask<ChannelRecord?> FindChannelAsync(
        string product, string platform, string channel, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => session[
                Channels + " WHERE p.name = $1 AND t.platform = $2 AND t.channel = $3 AND t.deleted IS NULL"]
                .Bind(1, product).Bind(2, platform).Bind(3, channel).First(ReadChannel),
            cancellationToken);

    public ValueTask<IReadOnlyList<ChannelRecord>> ListChannelsAsync(
        string? product, bool includeDeleted = false, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<ChannelRecord>>(
            session => session[
                Channels +
                """
                 WHERE ($1 IS NULL OR p.name = $1) AND ($2 <> 0 OR t.deleted IS NULL)
                ORDER BY p.name, t.platform, t.channel
                """]
                .Bind(1, product).Bind(2, includeDeleted).List(ReadChannel),
            cancellationToken);

    public ValueTask<IReadOnlyList<KnownFile?>> FindFilesAsync(
        string product, IReadOnlyList<Digest> digests, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<KnownFile?>>(
            session =>
            {
                var found = new KnownFile?[digests.Count];
                if (SqlLookup.FindProductId(session, product) is not { } id)
                    return found;
                var domain = SqlLookup.FindDomain(session, product);
                session[
                    $"""
                    SELECT w.i, f.digest, f.size, f.recipe FROM {session.Dialect.DigestRows(2, 3)} w
                    LEFT JOIN product_files f ON f.product_id = $1 AND f.digest = w.digest
                    """]
                    .Bind(1, id).Bind(2, domain.NamesOf(digests.ToArray()).Span).ForEach(row =>
                    {
                        if (row.IsNull(1)) return;
                        found[row.Int(0)] = new KnownFile(row.Digest(1), row.Long(2), row.DigestOrNull(3)).In(domain);
                    });
                return found;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<ProductFigures>> ReadProductFiguresAsync(
        string? product, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<ProductFigures>>(
            session => session[
                """
                SELECT p.name, count(r.id), CAST(coalesce(sum(r.logical_bytes), 0) AS bigint), p.distinct_plain_bytes,
                  p.stored_bytes
                FROM products p LEFT JOIN releases r ON r.product_id = p.id AND r.deleted IS NULL
                WHERE $1 IS NULL OR p.name = $1 GROUP BY p.id ORDER BY p.name
                """]
                .Bind(1, product).List(row =>
                    new ProductFigures(row.Text(0), row.Long(1), row.Long(2), row.Long(3), row.Long(4))),
            cancellationToken);

    public async ValueTask<StoreFigures> ReadStoreFiguresAsync(CancellationToken cancellationToken = default) =>
        (await database.ReadAsync(
            session => session[
                """
                SELECT count(*), CAST(coalesce(sum(chunks), 0) AS bigint),
                    CAST(coalesce(sum(plain_bytes), 0) AS bigint),
                  CAST(coalesce(sum(stored_bytes), 0) AS bigint), (SELECT count(*) FROM recipes),
                  (SELECT count(*) FROM devices)
                FROM packs
                """]
                .First(row => new StoreFigures(
                    row.Long(0), row.Long(1), row.Long(2), row.Long(3), row.Long(4), row.Long(5))),
            cancellationToken).ConfigureAwait(false))!;

    private static ChannelRecord ReadChannel(SqlRow row) => new()
    {
        Product = row.Text(0),
        Platform = row.Text(1),
        Name = row.Text(2),
        Seq = (ulong)row.Long(3),
        Current = row.Digest(4),
        Candidate = row.DigestOrNull(5),
        Expires = row.Time(6),
        Envelope = row.Bytes(7),
        Deleted = row.TimeOrNull(8),
        IsBehind = Math.Min(row.Long(3), row.Long(10)) < row.Long(9),
    };

    private static string ToPageToken(ReleaseRecord last) =>
        string.Create(CultureInfo.InvariantCulture, $"{last.Product}/{last.Counter}/{last.Platform}");

    private static (string Product, long Counter, string Platform)? ReadPageToken(string? token)
    {
        if (string.IsNullOrEmpty(token))
            return null;
        return token.Split('/') is [var product, var text, var platform]
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var counter)
            ? (product, counter, platform)
            : throw new ChunkOtaException(
                ErrorCodes.Usage, "the page token is not from this server: list from the start");
    }
}
