namespace ChunkOta.Storage.Sql;

/// <summary>The restores of the catalogue, in SQL.</summary>
internal sealed class SqlRestores(SqlDatabase database, TimeProvider clock) : IRestoreCatalogue
{
    public Task AddAsync(DateTimeOffset taken, long highest, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                var known = Math.Min(
                    Math.Max(ReadHighest(session), highest), long.MaxValue - IRestoreCatalogue.Distance);
                var least = known == 0
                    ? now.ToUnixTimeSeconds()
                    : Math.Max(now.ToUnixTimeSeconds(), known + IRestoreCatalogue.Distance);
                _ = session["INSERT INTO restores (taken, restored, least) VALUES ($1, $2, $3)"]
                    .Bind(1, taken).Bind(2, now).Bind(3, least).Run();
                // The backup that made this copy held the lease.
                _ = session["UPDATE backups SET leased_until = 0"].Run();
            },
            cancellationToken);

    public ValueTask<long> ReadHighestAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync(ReadHighest, cancellationToken);

    public ValueTask<RestoreRecord?> FindLastAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => session[
                """
                SELECT taken, restored, (SELECT max(least) FROM restores) FROM restores ORDER BY id DESC LIMIT 1
                """]
                .First(row => new RestoreRecord(row.Time(0), row.Time(1), (ulong)row.Long(2))),
            cancellationToken);

    public ValueTask<IReadOnlyList<BehindChannel>> ListBehindAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<BehindChannel>>(
            session => new SqlLookup(session).ReadLeastNumber() is var least and > 0
                ? session[
                    """
                    SELECT p.name, t.platform, t.channel FROM pointers t JOIN products p ON p.id = t.product_id
                    WHERE t.deleted IS NULL AND (t.seq < $1
                      OR (SELECT coalesce(max(r.counter), 0) FROM releases r WHERE r.manifest = t.current) < $1)
                    ORDER BY p.name, t.platform, t.channel
                    """].Bind(1, (long)least).List(row => new BehindChannel(row.Text(0), row.Text(1), row.Text(2)))
                : [],
            cancellationToken);

    private static long ReadHighest(SqlSession session)
    {
        var given = session[
            """
            SELECT max(n) FROM (SELECT coalesce(max(counter), 0) AS n FROM releases
              UNION ALL SELECT coalesce(max(seq), 0) FROM pointers) AS numbers
            """].FirstValue(row => row.Long(0)) ?? 0;
        return Math.Max(
            Math.Min(given, IRestoreCatalogue.MaxLeftBehind), (long)new SqlLookup(session).ReadLeastNumber());
    }
}
