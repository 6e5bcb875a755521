using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>The catalogue as a collection sees it, in SQL.</summary>
internal sealed class SqlCollection(SqlDatabase database, TimeProvider clock) : ICollectionCatalogue
{
    public Task<CollectionLease?> BeginAsync(CancellationToken cancellationToken = default) =>
        database.WriteAsync(session => SqlLeaseCheck.Begin(session, clock.GetUtcNow()), cancellationToken);

    public Task RenewAsync(CollectionLease lease, CancellationToken cancellationToken = default) =>
        ChangeAsync(lease, (_, _) => true, cancellationToken);

    public Task AdvanceAsync(CollectionLease lease, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            lease, (session, _) => session["UPDATE collection SET generation = generation + 1"].Run(),
            cancellationToken);

    public Task EndAsync(
        CollectionLease lease, CollectionFigures figures, string error,
        CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => session[
                """
                UPDATE collection SET ended = $2, error = $3, releases = $4, recipes = $5, chunks = $6, compacted = $7,
                  objects = $8, bytes = $9, leased_until = CASE
                    WHEN EXISTS (SELECT 1 FROM trash WHERE is_going <> 0) THEN leased_until ELSE 0 END
                WHERE epoch = $1
                """]
                .Bind(1, lease.Epoch).Bind(2, clock.GetUtcNow()).Bind(3, error).Bind(4, figures.Releases)
                .Bind(5, figures.Recipes).Bind(6, figures.Chunks).Bind(7, figures.CompactedPacks)
                .Bind(8, figures.Objects).Bind(9, figures.Bytes).Run(),
            cancellationToken);

    public ValueTask<CollectionState> ReadStateAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync(ReadState, cancellationToken);

    public ValueTask<long> MeasureCondemnedAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => session[
                """
                SELECT CAST(coalesce(sum((c.plain_offset + c.plain_bytes) * c.frame_stored_bytes / c.frame_plain_bytes
                  - c.plain_offset * c.frame_stored_bytes / c.frame_plain_bytes), 0) AS bigint)
                FROM condemned_chunks g JOIN chunks c ON c.id = g.chunk_id
                """].FirstValue(row => row.Long(0)) ?? 0,
            cancellationToken);

    public Task<bool> PurgeAsync(
        CollectionLease lease, Digest manifest, DateTimeOffset deletedUntil, DateTimeOffset devicesSince,
        CancellationToken cancellationToken = default) =>
        ChangeAsync(
            lease, (session, now) => SqlPurge.Run(session, manifest, deletedUntil, devicesSince, now),
            cancellationToken);

    public ValueTask<CollectionRoots> ReadRootsAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => new CollectionRoots(
                SqlLeaseCheck.ReadCommits(session),
                session["SELECT product_id, manifest FROM releases WHERE purged IS NULL ORDER BY id"]
                    .List(row => new ReleaseRoot(row.Long(0), row.Digest(1)))),
            cancellationToken);

    public ValueTask<long[]> FindNumbersAsync(
        DedupDomain domain, MarkedKind kind, ReadOnlyMemory<Digest> digests,
        CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session =>
            {
                var numbers = new long[digests.Length];
                var on = kind == MarkedKind.Chunk ? "chunks t ON t.hash" : "recipes t ON t.digest";
                session[$"SELECT w.i, t.id FROM {session.Dialect.DigestRows(1, 2)} w LEFT JOIN {on} = w.digest"]
                    .Bind(1, domain.NamesOf(digests).Span)
                    .ForEach(row => numbers[row.Int(0)] = row.IsNull(1) ? 0 : row.Long(1));
                return numbers;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<ChunkClaim>> ListClaimsAsync(
        ChunkClaim after, int max, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<ChunkClaim>>(
            session => session[
                """
                SELECT chunk_id, product_id FROM product_chunks
                WHERE chunk_id >= $1 AND (chunk_id > $1 OR product_id > $2) ORDER BY chunk_id, product_id LIMIT $3
                """]
                .Bind(1, after.Chunk).Bind(2, after.Product).Bind(3, max)
                .List(row => new ChunkClaim(row.Long(0), row.Long(1))),
            cancellationToken);

    public ValueTask<long> MeasureAsync(IReadOnlyList<long> chunks, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session =>
            {
                var select = session[
                    """
                    SELECT plain_bytes, plain_offset, frame_stored_bytes, frame_plain_bytes FROM chunks WHERE id = $1
                    """];
                return chunks.Sum(chunk => select.Bind(1, chunk).FirstValue(row =>
                    FrameLocation.StoredShare(row.Int(1), row.Int(0), row.Int(2), row.Int(3))) ?? 0);
            },
            cancellationToken);

    public ValueTask<ChunkFate?> FindChunkAsync(
        DedupDomain domain, Digest hash, CancellationToken cancellationToken = default) =>
        database.ReadAsync(session => FindChunk(session, domain.NameOf(hash)), cancellationToken);

    public ValueTask<IReadOnlyList<long>> ListRecipesAsync(
        long after, int max, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<long>>(
            session => session["SELECT id FROM recipes WHERE id > $1 ORDER BY id LIMIT $2"]
                .Bind(1, after).Bind(2, max).List(row => row.Long(0)),
            cancellationToken);

    public Task<bool> DropClaimsAsync(
        CollectionLease lease, IReadOnlyList<ChunkClaim> claims, long commits,
        CancellationToken cancellationToken = default) =>
        ChangeAsync(
            lease,
            (session, _) =>
            {
                if (SqlLeaseCheck.ReadCommits(session) != commits) return false;
                foreach (var claim in claims)
                    SqlCondemned.DropClaim(session, claim);
                return true;
            },
            cancellationToken);

    public Task<bool> CondemnRecipesAsync(
        CollectionLease lease, IReadOnlyList<long> recipes, long commits,
        CancellationToken cancellationToken = default) =>
        ChangeAsync(
            lease,
            (session, _) =>
            {
                if (SqlLeaseCheck.ReadCommits(session) != commits) return false;
                foreach (var recipe in recipes)
                    SqlCondemned.CondemnRecipe(session, recipe);
                return true;
            },
            cancellationToken);

    public Task<long?> CondemnChunksAsync(
        CollectionLease lease, long after, int max, CancellationToken cancellationToken = default) =>
        ChangeAsync(lease, (session, now) => SqlCondemned.CondemnChunks(session, after, max, now), cancellationToken);

    public Task<RemovedRows> RemoveAsync(
        CollectionLease lease, int max, CancellationToken cancellationToken = default) =>
        ChangeAsync(lease, (session, now) => SqlCondemned.Remove(session, max, now), cancellationToken);

    private static ChunkFate? FindChunk(SqlSession session, Digest name) =>
        session[
            """
            SELECT p.digest, p.added, g.generation FROM chunks c JOIN packs p ON p.id = c.pack_id
            LEFT JOIN condemned_chunks g ON g.chunk_id = c.id WHERE c.hash = $1
            """]
            .Bind(1, name).First(row => new ChunkFate(row.Digest(0), [], !row.IsNull(2), row.Time(1))) is { } fate
            ? fate with
            {
                Products = session[
                    """
                    SELECT o.name FROM chunks c JOIN product_chunks x ON x.chunk_id = c.id
                    JOIN products o ON o.id = x.product_id WHERE c.hash = $1 ORDER BY o.name
                    """].Bind(1, name).List(row => row.Text(0)),
            }
            : null;

    private Task<T> ChangeAsync<T>(
        CollectionLease lease, Func<SqlSession, DateTimeOffset, T> change, CancellationToken cancellationToken) =>
        SqlLeaseCheck.ChangeAsync(database, clock, lease, change, cancellationToken);

    private static CollectionState ReadState(SqlSession session)
    {
        var deleted = session["SELECT count(*) FROM releases WHERE deleted IS NOT NULL AND purged IS NULL"]
            .FirstValue(row => row.Long(0)) ?? 0;
        var (objects, bytes) = session["SELECT count(*), CAST(coalesce(sum(bytes), 0) AS bigint) FROM trash"]
            .FirstValue(row => (row.Long(0), row.Long(1))) ?? default;
        return session[
            """
            SELECT began, ended, error, releases, recipes, chunks, compacted, objects, bytes,
              (SELECT count(*) FROM condemned_chunks)
            FROM collection
            """]
            .First(row => new CollectionState
            {
                Began = row.TimeOrNull(0),
                Ended = row.TimeOrNull(1),
                Error = row.Text(2),
                Figures = new CollectionFigures(
                    row.Long(3), row.Long(4), row.Long(5), row.Long(6), row.Long(7), row.Long(8)),
                CondemnedChunks = row.Long(9),
                DeletedReleases = deleted,
                TrashedObjects = objects,
                TrashedBytes = bytes,
            })!;
    }
}
