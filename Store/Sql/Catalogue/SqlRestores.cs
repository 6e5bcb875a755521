namespace ChunkOta.Storage.Sql;

/// <summary>The restores of the catalogue, in SQL.</summary>
internal sealed class SqlRestores(SqlDatabase database, TimeProvider clock) : IRestoreCatalogue
{
    public Task AddAsync(DateTimeOffset taken, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                // A clock that was ahead once may have left numbers above the time.
                var highest = session[
                    """
                    SELECT max(n) FROM (SELECT coalesce(max(counter), 0) AS n FROM releases
                      UNION ALL SELECT coalesce(max(seq), 0) FROM pointers) AS numbers
                    """].FirstValue(row => row.Long(0)) ?? 0;
                _ = session["INSERT INTO restores (taken, restored, least) VALUES ($1, $2, $3)"]
                    .Bind(1, taken).Bind(2, now).Bind(3, Math.Max(now.ToUnixTimeSeconds(), highest + 1)).Run();
            },
            cancellationToken);

    public ValueTask<RestoreRecord?> FindLastAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => session["SELECT taken, restored, least FROM restores ORDER BY id DESC LIMIT 1"]
                .First(row => new RestoreRecord(row.Time(0), row.Time(1), (ulong)row.Long(2))),
            cancellationToken);

    public ValueTask<IReadOnlyList<(string Product, string Platform)>> ListBehindAsync(
        CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<(string Product, string Platform)>>(
            session => session["SELECT 1 FROM restores LIMIT 1"].Any()
                ? session[
                    """
                    SELECT p.name, r.platform FROM releases r JOIN products p ON p.id = r.product_id
                    GROUP BY p.name, r.platform HAVING max(r.counter) < (SELECT max(least) FROM restores)
                    ORDER BY p.name, r.platform
                    """].List(row => (row.Text(0), row.Text(1)))
                : [],
            cancellationToken);
}
