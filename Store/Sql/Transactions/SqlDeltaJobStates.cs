using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Delta jobs, in one transaction.</summary>
internal sealed class SqlDeltaJobStates(SqlSession session) : SqlLookup(session), IDeltaJobTransaction
{
    private const string Select =
        "SELECT id, priority, attempts, due, leased_until, error, claims FROM delta_jobs WHERE ";

    public IReadOnlyList<BuildOutcome> ListBuilt(DeltaPair pair) =>
        Session["SELECT quality, digest, evicted FROM deltas WHERE from_id = $1 AND to_id = $2"]
            .Bind(1, GetReleaseId(Session, pair.From)).Bind(2, GetReleaseId(Session, pair.To))
            .List(row => new BuildOutcome(
                (DeltaQuality)row.Int(0), IsStored: row.DigestOrNull(1) is not null, row.TimeOrNull(2)));

    public JobState? FindJob(DeltaPair pair, DeltaQuality quality) =>
        Session[Select + "from_id = $1 AND to_id = $2 AND quality = $3"]
            .Bind(1, GetReleaseId(Session, pair.From)).Bind(2, GetReleaseId(Session, pair.To))
            .Bind(3, (int)quality).First(Read);

    public JobState? FindJob(long id) =>
        Session[Select + "id = $1" + Session.Dialect.LockRows].Bind(1, id).First(Read);

    public JobState? FindFirstJob(int attemptsBelow, DateTimeOffset now, DeltaQuality atMost) =>
        Session[Select +
            """
            attempts < $1 AND due <= $2 AND coalesce(leased_until, 0) <= $2 AND quality <= $3
            ORDER BY priority DESC, id LIMIT 1
            """ + Session.Dialect.LockFreeRows]
            .Bind(1, attemptsBelow).Bind(2, now).Bind(3, (int)atMost).First(Read);

    public void AddJob(DeltaPair pair, DeltaQuality quality, DateTimeOffset queued, JobState job) =>
        _ = Session[
            """
            INSERT INTO delta_jobs
              (from_id, to_id, quality, queued, priority, attempts, due, leased_until, error, claims)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """]
            .Bind(1, GetReleaseId(Session, pair.From)).Bind(2, GetReleaseId(Session, pair.To))
            .Bind(3, (int)quality).Bind(4, queued).Bind(5, job.Priority).Bind(6, job.Attempts).Bind(7, job.Due)
            .Bind(8, job.LeasedUntil).Bind(9, job.Error).Bind(10, job.Claims).Run();

    public void PutJob(JobState job) =>
        _ = Session[
            """
            UPDATE delta_jobs SET priority = $2, attempts = $3, due = $4, leased_until = $5, error = $6, claims = $7
            WHERE id = $1
            """]
            .Bind(1, job.Id).Bind(2, job.Priority).Bind(3, job.Attempts).Bind(4, job.Due)
            .Bind(5, job.LeasedUntil).Bind(6, job.Error).Bind(7, job.Claims).Run();

    private static JobState Read(SqlRow row) =>
        new(row.Long(0), row.Int(1), row.Int(2), row.Time(3), row.TimeOrNull(4), row.Text(5))
        {
            Claims = row.Long(6),
        };
}
