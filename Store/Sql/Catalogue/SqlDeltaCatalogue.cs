using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>The deltas that were built, in SQL.</summary>
internal sealed class SqlDeltaCatalogue(SqlDatabase database, TimeProvider clock) : IDeltaCatalogue
{
    private const string Columns =
        """
        SELECT p.name, t.platform, f.version, t.version, f.manifest, t.manifest, d.quality, d.digest, d.bytes, d.files,
          d.target_bytes, d.built, d.used
        FROM deltas d JOIN releases f ON f.id = d.from_id JOIN releases t ON t.id = d.to_id
        JOIN products p ON p.id = t.product_id
        """;

    /// <summary>A smaller step of the time of use is not worth a sync of the disk.</summary>
    private static readonly TimeSpan LeastStep = TimeSpan.FromMinutes(1);

    public ValueTask<IReadOnlyList<DeltaRecord>> FindAsync(
        DeltaPair pair, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<DeltaRecord>>(
            session => session[Columns + " WHERE f.manifest = $1 AND t.manifest = $2 ORDER BY d.quality DESC"]
                .Bind(1, pair.From).Bind(2, pair.To).List(Read),
            cancellationToken);

    public ValueTask<DeltaRecord?> FindAsync(Digest digest, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => session[Columns + " WHERE d.digest = $1"].Bind(1, digest).First(Read), cancellationToken);

    public ValueTask<IReadOnlyList<DeltaRecord>> ListAsync(
        string product, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<DeltaRecord>>(
            session => session[
                Columns + " WHERE p.name = $1 ORDER BY t.platform, t.counter DESC, f.counter DESC, d.quality DESC"]
                .Bind(1, product).List(Read),
            cancellationToken);

    public Task<Digest?> AddAsync(NewDelta delta, CancellationToken cancellationToken = default) =>
        database.WriteAsync(session => Add(session, delta), cancellationToken);

    public async Task TouchAsync(Digest digest, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        if (await FindAsync(digest, cancellationToken).ConfigureAwait(false) is not { } delta
            || now - delta.Used < LeastStep)
            return;
        _ = await database.WriteAsync(
            WriteScope.Shared,
            session => session["UPDATE deltas SET used = $2 WHERE digest = $1"].Bind(1, digest).Bind(2, now).Run(),
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<bool> ForgetAsync(Digest digest, CancellationToken cancellationToken = default) =>
        await database.WriteAsync(
            session => Forget(session, digest), cancellationToken)
            .ConfigureAwait(false) > 0;

    public Task<IReadOnlyList<Digest>> TrimAsync(long maxBytes, CancellationToken cancellationToken = default) =>
        database.WriteAsync<IReadOnlyList<Digest>>(
            session =>
            {
                var forgotten = ListReplaced(session, clock.GetUtcNow() - IDeltaCatalogue.Grace);
                forgotten.ForEach(digest => _ = Forget(session, digest));
                var beyond = ListBeyond(session, maxBytes);
                beyond.ForEach(digest => _ = Evict(session, digest));
                return [.. forgotten, .. beyond];
            },
            cancellationToken);

    /// <summary>The rows of two releases. The old one may be in the trash: devices run it still.</summary>
    /// <exception cref="ChunkOtaException"><c>RELEASE_UNKNOWN</c>.</exception>
    internal static (long From, long To) GetIds(SqlSession session, DeltaPair pair) =>
        (
            session["SELECT id FROM releases WHERE manifest = $1 AND purged IS NULL"].Bind(1, pair.From)
                .FirstValue(row => row.Long(0)) ?? SqlLookup.GetKnownReleaseId(session, pair.From),
            SqlLookup.GetKnownReleaseId(session, pair.To));

    private Digest? Add(SqlSession session, NewDelta delta)
    {
        var (from, to) = GetIds(session, delta.Pair);
        var quality = (int)delta.Quality;
        var replaced = session[
            "SELECT digest FROM deltas WHERE from_id = $1 AND to_id = $2 AND quality = $3 AND digest IS NOT NULL"]
            .Bind(1, from).Bind(2, to).Bind(3, quality).FirstValue(row => row.Digest(0));
        var hasBetter = session["SELECT 1 FROM deltas WHERE digest = $1 AND quality > $2"]
            .Bind(1, delta.Digest).Bind(2, quality).Any();
        if (!hasBetter)
        {
            _ = session["DELETE FROM deltas WHERE (from_id = $1 AND to_id = $2 AND quality = $3) OR digest = $4"]
                .Bind(1, from).Bind(2, to).Bind(3, quality).Bind(4, delta.Digest).Run();
            _ = session[
                """
                INSERT INTO deltas (from_id, to_id, quality, digest, bytes, files, target_bytes, built, used)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
                """]
                .Bind(1, from).Bind(2, to).Bind(3, quality).Bind(4, delta.Digest).Bind(5, delta.Bytes)
                .Bind(6, delta.Files).Bind(7, delta.TargetBytes).Bind(8, clock.GetUtcNow()).Run();
        }

        _ = session["DELETE FROM delta_jobs WHERE from_id = $1 AND to_id = $2 AND quality <= $3"]
            .Bind(1, from).Bind(2, to).Bind(3, quality).Run();
        return replaced == delta.Digest ? null : replaced;
    }

    private static List<Digest> ListReplaced(SqlSession session, DateTimeOffset before) =>
        session[
            """
            SELECT q.digest FROM deltas q
            JOIN deltas b ON b.from_id = q.from_id AND b.to_id = q.to_id AND b.quality > q.quality
            WHERE q.digest IS NOT NULL AND b.digest IS NOT NULL AND b.built <= $1 AND q.used <= $1
            """].Bind(1, before).List(row => row.Digest(0));

    private static List<Digest> ListBeyond(SqlSession session, long maxBytes)
    {
        List<Digest> beyond = [];
        long bytes = 0;
        session["SELECT digest, bytes FROM deltas WHERE digest IS NOT NULL ORDER BY used DESC, built DESC, digest"]
            .ForEach(row =>
            {
                bytes += row.Long(1);
                if (bytes > maxBytes) beyond.Add(row.Digest(0));
            });
        return beyond;
    }

    private int Evict(SqlSession session, Digest digest) =>
        session["UPDATE deltas SET digest = NULL, evicted = $2 WHERE digest = $1"]
            .Bind(1, digest).Bind(2, clock.GetUtcNow()).Run();

    private static int Forget(SqlSession session, Digest digest) =>
        session["DELETE FROM deltas WHERE digest = $1"].Bind(1, digest).Run();

    private static DeltaRecord Read(SqlRow row) => new()
    {
        Product = row.Text(0),
        Platform = row.Text(1),
        FromVersion = row.Text(2),
        ToVersion = row.Text(3),
        Pair = new DeltaPair(row.Digest(4), row.Digest(5)),
        Quality = (DeltaQuality)row.Int(6),
        Digest = row.DigestOrNull(7),
        Bytes = row.Long(8),
        Files = row.Int(9),
        TargetBytes = row.Long(10),
        Built = row.Time(11),
        Used = row.Time(12),
    };
}
