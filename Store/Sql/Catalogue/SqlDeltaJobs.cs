using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>The deltas that are to be built, in SQL.</summary>
internal sealed class SqlDeltaJobs(SqlDatabase database, TimeProvider clock) : IDeltaJobs
{
    private const string Columns =
        """
        SELECT j.id, p.name, t.platform, f.version, t.version, f.manifest, t.manifest, j.quality, j.priority, j.queued,
          j.attempts, j.leased_until, j.error
        FROM delta_jobs j JOIN releases f ON f.id = j.from_id JOIN releases t ON t.id = j.to_id
        JOIN products p ON p.id = t.product_id
        """;

    /// <summary>The error of an attempt that never gave its job back.</summary>
    private const string EndedUnheard = "the server ended during this try";

    /// <summary>The pause between the first attempt and the second; each further one is twice as long.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);

    public Task<bool> EnqueueAsync(
        DeltaPair pair, DeltaQuality quality, int priority, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var (from, to) = SqlDeltaCatalogue.GetIds(session, pair);
                var now = clock.GetUtcNow();
                var isBuilt = session[
                    """
                    SELECT 1 FROM deltas WHERE from_id = $1 AND to_id = $2 AND quality >= $3
                      AND (digest IS NOT NULL OR evicted IS NULL OR evicted > $4)
                    """]
                    .Bind(1, from).Bind(2, to).Bind(3, (int)quality).Bind(4, now - IDeltaCatalogue.RemakeAfter).Any();
                if (isBuilt) return false;
                _ = session[
                    """
                    INSERT INTO delta_jobs
                      (from_id, to_id, quality, priority, queued, attempts, due, leased_until, error)
                    VALUES ($1, $2, $3, $4, $5, 0, $5, NULL, '')
                    ON CONFLICT (from_id, to_id, quality) DO UPDATE SET
                      priority = CASE WHEN delta_jobs.priority > $4 THEN delta_jobs.priority ELSE $4 END,
                      attempts = CASE WHEN delta_jobs.attempts >= $6 AND delta_jobs.due <= $7
                        AND coalesce(delta_jobs.leased_until, 0) <= $5 THEN 0 ELSE delta_jobs.attempts END
                    """]
                    .Bind(1, from).Bind(2, to).Bind(3, (int)quality).Bind(4, priority).Bind(5, now)
                    .Bind(6, IDeltaJobs.MaxAttempts).Bind(7, now - IDeltaJobs.RetryAfter).Run();
                return session[
                    """
                    SELECT 1 FROM delta_jobs WHERE from_id = $1 AND to_id = $2 AND quality = $3
                      AND (attempts < $4 OR leased_until > $5)
                    """]
                    .Bind(1, from).Bind(2, to).Bind(3, (int)quality).Bind(4, IDeltaJobs.MaxAttempts).Bind(5, now).Any();
            },
            cancellationToken);

    public Task<DeltaJob?> TakeAsync(bool onlyQuick = false, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                var job = session[Columns +
                    """
                     WHERE j.attempts < $1 AND j.due <= $2 AND coalesce(j.leased_until, 0) <= $2 AND j.quality <= $3
                    ORDER BY j.priority DESC, j.id LIMIT 1
                    """]
                    .Bind(1, IDeltaJobs.MaxAttempts).Bind(2, now)
                    .Bind(3, (int)(onlyQuick ? DeltaQuality.Quick : DeltaQuality.Best)).First(row => Read(row, now));
                if (job is null) return null;
                _ = session[
                    """
                    UPDATE delta_jobs SET attempts = attempts + 1, leased_until = $2, due = $3, error = $4
                    WHERE id = $1
                    """]
                    .Bind(1, job.Id).Bind(2, now + IDeltaJobs.Lease).Bind(3, now).Bind(4, EndedUnheard).Run();
                return job with { Attempts = job.Attempts + 1, State = DeltaJobState.Running, Error = "" };
            },
            cancellationToken);

    public Task RenewAsync(long job, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => session["UPDATE delta_jobs SET leased_until = $2 WHERE id = $1"]
                .Bind(1, job).Bind(2, clock.GetUtcNow() + IDeltaJobs.Lease).Run(),
            cancellationToken);

    public Task FailAsync(long job, string error, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var attempts = session["SELECT attempts FROM delta_jobs WHERE id = $1"]
                    .Bind(1, job).FirstValue(row => row.Int(0));
                if (attempts is null) return 0;
                var pause = FirstPause * (1 << Math.Clamp(attempts.Value - 1, 0, 10));
                return session["UPDATE delta_jobs SET leased_until = NULL, due = $2, error = $3 WHERE id = $1"]
                    .Bind(1, job).Bind(2, clock.GetUtcNow() + pause).Bind(3, error).Run();
            },
            cancellationToken);

    public Task ReturnAsync(long job, TimeSpan pause = default, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => session[
                """
                UPDATE delta_jobs SET leased_until = NULL, due = $2, error = '',
                  attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END
                WHERE id = $1
                """]
                .Bind(1, job).Bind(2, clock.GetUtcNow() + pause).Run(),
            cancellationToken);

    public Task ReturnAllAsync(CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => session["UPDATE delta_jobs SET leased_until = NULL WHERE leased_until IS NOT NULL"].Run(),
            cancellationToken);

    public ValueTask<IReadOnlyList<DeltaJob>> ListAsync(
        string product, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<DeltaJob>>(
            session =>
            {
                var now = clock.GetUtcNow();
                return
                [
                    .. session[Columns + " WHERE p.name = $1 ORDER BY j.priority DESC, j.id"].Bind(1, product)
                        .List(row => Read(row, now)).OrderBy(job => Order(job.State)),
                ];
            },
            cancellationToken);

    private static int Order(DeltaJobState state) => state switch
    {
        DeltaJobState.Running => 0,
        DeltaJobState.Queued => 1,
        _ => 2,
    };

    private static DeltaJob Read(SqlRow row, DateTimeOffset now)
    {
        var state = row.TimeOrNull(11) > now ? DeltaJobState.Running
            : row.Int(10) >= IDeltaJobs.MaxAttempts ? DeltaJobState.Failed
            : DeltaJobState.Queued;
        return Read(row, state);
    }

    private static DeltaJob Read(SqlRow row, DeltaJobState state) => new()
    {
        Id = row.Long(0),
        Product = row.Text(1),
        Platform = row.Text(2),
        FromVersion = row.Text(3),
        ToVersion = row.Text(4),
        Pair = new DeltaPair(row.Digest(5), row.Digest(6)),
        Quality = (DeltaQuality)row.Int(7),
        Priority = row.Int(8),
        Queued = row.Time(9),
        Attempts = row.Int(10),
        State = state,
        Error = state == DeltaJobState.Running ? "" : row.Text(12),
    };
}
