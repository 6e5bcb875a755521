using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>The deltas that are to be built, in SQL.</summary>
internal sealed class SqlDeltaJobs(SqlDatabase database, TimeProvider clock) : IDeltaJobs
{
    private const string Columns =
        """
        SELECT j.id, p.name, t.platform, f.version, t.version, f.manifest, t.manifest, j.quality, j.priority, j.queued,
          j.attempts, j.due, j.leased_until, j.error, j.claims
        FROM delta_jobs j JOIN releases f ON f.id = j.from_id JOIN releases t ON t.id = j.to_id
        JOIN products p ON p.id = t.product_id
        """;

    public Task<bool> EnqueueAsync(
        DeltaPair pair, DeltaQuality quality, int priority, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => DeltaJobRules.Enqueue(
                new SqlDeltaJobStates(session), pair, quality, priority, clock.GetUtcNow()),
            cancellationToken);

    public Task<DeltaJob?> ClaimAsync(bool onlyQuick = false, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            WriteScope.Shared,
            session =>
            {
                var now = clock.GetUtcNow();
                return DeltaJobRules.Claim(new SqlDeltaJobStates(session), onlyQuick, now) is { } id
                    ? session[Columns + " WHERE j.id = $1"].Bind(1, id).First(row => Read(row, now))
                    : null;
            },
            cancellationToken);

    public Task RenewAsync(DeltaJob job, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            WriteScope.Shared,
            session => DeltaJobRules.Renew(new SqlDeltaJobStates(session), job.Id, job.Claim, clock.GetUtcNow()),
            cancellationToken);

    public Task FailAsync(DeltaJob job, string error, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            WriteScope.Shared,
            session => DeltaJobRules.Fail(
                new SqlDeltaJobStates(session), job.Id, job.Claim, error, clock.GetUtcNow()),
            cancellationToken);

    public Task ReturnAsync(DeltaJob job, TimeSpan pause = default, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            WriteScope.Shared,
            session => DeltaJobRules.Return(
                new SqlDeltaJobStates(session), job.Id, job.Claim, pause, clock.GetUtcNow()),
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

    public async ValueTask<DeltaQueueFigures> ReadFiguresAsync(CancellationToken cancellationToken = default)
    {
        var rows = await database.ReadAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                return session[
                    """
                    SELECT attempts, due, leased_until, count(*), min(queued) FROM delta_jobs
                    GROUP BY attempts, due, leased_until
                    """]
                    .List(row => (
                        State: DeltaJobRules.StateOf(
                            new JobState(0, 0, row.Int(0), row.Time(1), row.TimeOrNull(2)), now),
                        Jobs: row.Long(3), Queued: row.Time(4)));
            },
            cancellationToken).ConfigureAwait(false);
        return new DeltaQueueFigures(
            Count(DeltaJobState.Queued), Count(DeltaJobState.Running), Count(DeltaJobState.Failed),
            rows.Where(row => row.State == DeltaJobState.Queued).Select(row => (DateTimeOffset?)row.Queued).Min());

        long Count(DeltaJobState state) => rows.Where(row => row.State == state).Sum(row => row.Jobs);
    }

    private static int Order(DeltaJobState state) => state switch
    {
        DeltaJobState.Running => 0,
        DeltaJobState.Queued => 1,
        _ => 2,
    };

    private static DeltaJob Read(SqlRow row, DateTimeOffset now)
    {
        var job = new JobState(
            row.Long(0), row.Int(8), row.Int(10), row.Time(11), row.TimeOrNull(12), row.Text(13))
        {
            Claims = row.Long(14),
        };
        var state = DeltaJobRules.StateOf(job, now);
        return new DeltaJob
        {
            Id = job.Id,
            Product = row.Text(1),
            Platform = row.Text(2),
            FromVersion = row.Text(3),
            ToVersion = row.Text(4),
            Pair = new DeltaPair(row.Digest(5), row.Digest(6)),
            Quality = (DeltaQuality)row.Int(7),
            Priority = job.Priority,
            Queued = row.Time(9),
            Attempts = job.Attempts,
            Claim = job.Claims,
            State = state,
            Error = state == DeltaJobState.Running ? "" : job.Error,
        };
    }
}
