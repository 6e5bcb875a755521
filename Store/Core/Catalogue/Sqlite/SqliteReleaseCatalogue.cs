using System.Globalization;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Releases, channels and figures in SQLite; commits are <see cref="SqliteCommit"/>'s.</summary>
internal sealed class SqliteReleaseCatalogue(SqliteDatabase database, TimeProvider time) : IReleaseCatalogue
{
    private const string Releases =
        """
        SELECT p.name, r.platform, r.version, r.counter, r.manifest, r.manifest_payload_bytes, r.manifest_envelope_bytes,
          r.published, r.logical_bytes, r.files, r.chunks, r.distinct_chunks, r.distinct_plain_bytes, r.new_chunks,
          r.new_plain_bytes, r.new_stored_bytes, a.since
        FROM releases r JOIN products p ON p.id = r.product_id LEFT JOIN anchors a ON a.release_id = r.id
        """;

    private const string Channels =
        """
        SELECT p.name, t.platform, t.channel, t.seq, t.current, t.candidate, t.expires, t.envelope
        FROM pointers t JOIN products p ON p.id = t.product_id
        """;

    public Task<CommitOutcome> CommitAsync(
        Guid publish, NewRelease release, NewPointer pointer, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => new SqliteCommit(session, time.GetUtcNow()).Run(publish, release, pointer), cancellationToken);

    public Task<CommitOutcome> CommitAsync(
        Guid publish, ReleaseRecord release, NewPointer pointer, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => new SqliteCommit(session, time.GetUtcNow()).Run(publish, release, pointer), cancellationToken);

    public async Task PutPointerAsync(NewPointer pointer, CancellationToken cancellationToken = default) =>
        _ = await database.WriteAsync(
            session =>
            {
                SqlitePointers.Put(session, SqliteProducts.GetId(session, pointer.Product), pointer);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    public async Task<bool> AddAnchorAsync(Digest manifest, CancellationToken cancellationToken = default) =>
        await database.WriteAsync(
            session => session["INSERT OR IGNORE INTO anchors (release_id, since) VALUES (?1, ?2)"]
                .Bind(1, GetId(session, manifest)).Bind(2, time.GetUtcNow()).Run(),
            cancellationToken).ConfigureAwait(false) > 0;

    public async Task<bool> RemoveAnchorAsync(Digest manifest, CancellationToken cancellationToken = default) =>
        await database.WriteAsync(
            session => session["DELETE FROM anchors WHERE release_id = ?1"].Bind(1, GetId(session, manifest)).Run(),
            cancellationToken).ConfigureAwait(false) > 0;

    public ValueTask<ReleaseRecord?> FindReleaseAsync(Digest manifest, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => FindOne(session, session[Releases + " WHERE r.manifest = ?1"].Bind(1, manifest)),
            cancellationToken);

    public ValueTask<ReleaseRecord?> FindReleaseAsync(
        string product, string platform, string version, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => FindOne(
                session,
                session[Releases + " WHERE p.name = ?1 AND r.platform = ?2 AND r.version = ?3"]
                    .Bind(1, product).Bind(2, platform).Bind(3, version)),
            cancellationToken);

    public ValueTask<ReleaseRecord?> FindNewestAsync(
        string product, string platform, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => FindOne(
                session,
                session[Releases + " WHERE p.name = ?1 AND r.platform = ?2 ORDER BY r.counter DESC LIMIT 1"]
                    .Bind(1, product).Bind(2, platform)),
            cancellationToken);

    public ValueTask<ReleasePage> ListReleasesAsync(ReleaseQuery query, CancellationToken cancellationToken = default)
    {
        var after = ReadPageToken(query.PageToken);
        var size = query.PageSize is > 0 and <= ReleaseQuery.MaxPageSize ? query.PageSize : ReleaseQuery.MaxPageSize;
        return database.ReadAsync(
            session =>
            {
                var row = session[Releases +
                    """
                     WHERE (?1 IS NULL OR p.name = ?1) AND (?2 IS NULL OR r.platform = ?2) AND (?3 IS NULL OR r.version = ?3)
                      AND (?8 = 0 OR a.since IS NOT NULL)
                      AND (?4 IS NULL OR p.name > ?4
                        OR (p.name = ?4 AND (r.counter < ?5 OR (r.counter = ?5 AND r.platform > ?6))))
                    ORDER BY p.name, r.counter DESC, r.platform LIMIT ?7
                    """]
                    .Bind(1, query.Product).Bind(2, query.Platform).Bind(3, query.Version)
                    .Bind(4, after?.Product).Bind(5, after?.Counter ?? 0).Bind(6, after?.Platform).Bind(7, size + 1)
                    .Bind(8, query.OnlyAnchors ? 1 : 0);
                List<ReleaseRecord> releases = [];
                while (row.Step())
                    releases.Add(Read(session, row));
                if (releases.Count <= size)
                    return new ReleasePage(releases, null);
                releases.RemoveAt(size);
                var last = releases[^1];
                return new ReleasePage(
                    releases, string.Create(CultureInfo.InvariantCulture, $"{last.Product}/{last.Counter}/{last.Platform}"));
            },
            cancellationToken);
    }

    public ValueTask<IReadOnlyList<string>> ListChannelVersionsAsync(
        string product, string platform, string channel, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<string>>(
            session => SqliteProducts.FindId(session, product) is { } id
                ? [.. SqlitePointers.Versions(session, id, platform, channel)]
                : [],
            cancellationToken);

    public ValueTask<ChannelRecord?> FindChannelAsync(
        string product, string platform, string channel, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session =>
            {
                var row = session[Channels + " WHERE p.name = ?1 AND t.platform = ?2 AND t.channel = ?3"]
                    .Bind(1, product).Bind(2, platform).Bind(3, channel);
                return row.Step() ? ReadChannel(row) : null;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<ChannelRecord>> ListChannelsAsync(
        string? product, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<ChannelRecord>>(
            session =>
            {
                List<ChannelRecord> channels = [];
                var row = session[Channels + " WHERE ?1 IS NULL OR p.name = ?1 ORDER BY p.name, t.platform, t.channel"]
                    .Bind(1, product);
                while (row.Step())
                    channels.Add(ReadChannel(row));
                return channels;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<KnownFile?>> FindFilesAsync(
        string product, IReadOnlyList<Digest> digests, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<KnownFile?>>(
            session =>
            {
                var found = new KnownFile?[digests.Count];
                if (SqliteProducts.FindId(session, product) is not { } id)
                    return found;
                var row = session["SELECT size, recipe FROM product_files WHERE product_id = ?1 AND digest = ?2"];
                for (var i = 0; i < found.Length; i++)
                {
                    if (row.Bind(1, id).Bind(2, digests[i]).Step())
                        found[i] = new KnownFile(digests[i], row.Long(0), row.DigestOrNull(1));
                    row.Reset();
                }
                return found;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<ProductFigures>> ReadProductFiguresAsync(
        string? product, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<ProductFigures>>(
            session =>
            {
                List<ProductFigures> figures = [];
                var row = session[
                    """
                    SELECT p.name, count(r.id), coalesce(sum(r.logical_bytes), 0), p.distinct_plain_bytes, p.stored_bytes
                    FROM products p LEFT JOIN releases r ON r.product_id = p.id
                    WHERE ?1 IS NULL OR p.name = ?1 GROUP BY p.id ORDER BY p.name
                    """].Bind(1, product);
                while (row.Step())
                    figures.Add(new ProductFigures(row.Text(0), row.Long(1), row.Long(2), row.Long(3), row.Long(4)));
                return figures;
            },
            cancellationToken);

    public ValueTask<StoreFigures> ReadStoreFiguresAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session =>
            {
                var row = session[
                    """
                    SELECT count(*), coalesce(sum(chunks), 0), coalesce(sum(plain_bytes), 0), coalesce(sum(stored_bytes), 0),
                      (SELECT count(*) FROM recipes), (SELECT count(*) FROM devices)
                    FROM packs
                    """];
                _ = row.Step();
                return new StoreFigures(
                    row.Long(0), row.Long(1), row.Long(2), row.Long(3), row.Long(4), row.Long(5));
            },
            cancellationToken);

    /// <summary>The row id of a release.</summary>
    /// <exception cref="CatalogueRefusedException"><c>RELEASE_UNKNOWN</c>.</exception>
    internal static long GetId(SqliteSession session, Digest manifest)
    {
        var row = session["SELECT id FROM releases WHERE manifest = ?1"].Bind(1, manifest);
        var id = row.Step()
            ? row.Long(0)
            : throw new CatalogueRefusedException(
                ErrorCodes.ReleaseUnknown, $"There is no release with the manifest {manifest}.");
        row.Reset();
        return id;
    }

    /// <summary>The figures of a release, from the columns that begin with its logical bytes.</summary>
    internal static ReleaseFigures ReadFigures(SqliteStatement row, int first) => new()
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

    private static ReleaseRecord? FindOne(SqliteSession session, SqliteStatement row) =>
        row.Step() ? Read(session, row) : null;

    private static ReleaseRecord Read(SqliteSession session, SqliteStatement row)
    {
        List<string> channels = [];
        var pointer = session["SELECT channel FROM pointers WHERE current = ?1 ORDER BY channel"].Bind(1, row.Digest(4));
        while (pointer.Step())
            channels.Add(pointer.Text(0));
        return new ReleaseRecord
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
            Channels = channels,
            Anchored = row.TimeOrNull(16),
        };
    }

    private static ChannelRecord ReadChannel(SqliteStatement row) => new()
    {
        Product = row.Text(0),
        Platform = row.Text(1),
        Name = row.Text(2),
        Seq = (ulong)row.Long(3),
        Current = row.Digest(4),
        Candidate = row.DigestOrNull(5),
        Expires = row.Time(6),
        Envelope = row.Bytes(7),
    };

    private static (string Product, long Counter, string Platform)? ReadPageToken(string? token)
    {
        if (string.IsNullOrEmpty(token))
            return null;
        return token.Split('/') is [var product, var text, var platform]
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var counter)
            ? (product, counter, platform)
            : throw new ChunkOtaException(
                ErrorCodes.Usage, "The page token is not one that this server gave: list from the start.");
    }
}
