using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The rules by which delta jobs are queued, claimed, retried and given up.</summary>
public static class DeltaJobRules
{
    /// <summary>The error of an attempt that never returned its job.</summary>
    private const string EndedUnheard = "the server ended during this try";

    /// <summary>The pause between the first attempt and the second; each further one is twice as long.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);

    /// <summary>Queues a job, unless its delta was built.</summary>
    /// <param name="transaction">The state.</param>
    /// <param name="pair">The delta's two releases.</param>
    /// <param name="quality">The effort to build it with.</param>
    /// <param name="priority">A job that exists keeps its own if that is higher.</param>
    /// <param name="now">The time.</param>
    /// <returns>True when there is something to wait for.</returns>
    /// <exception cref="ChunkOtaException"><c>RELEASE_UNKNOWN</c>.</exception>
    public static bool Enqueue(
        IDeltaJobTransaction transaction, DeltaPair pair, DeltaQuality quality, int priority, DateTimeOffset now)
    {
        ExistenceRules.CheckRelease(transaction, pair.From);
        ExistenceRules.CheckRelease(transaction, pair.To);
        if (transaction.ListBuilt(pair).Any(delta => Serves(delta, quality, now)))
            return false;
        if (transaction.FindJob(pair, quality) is not { } job)
        {
            transaction.AddJob(pair, quality, now, new JobState(Id: 0, priority, Attempts: 0, Due: now));
            return true;
        }

        job = job with
        {
            Priority = Math.Max(job.Priority, priority),
            Attempts = HasRested(job, now) ? 0 : job.Attempts,
        };
        transaction.PutJob(job);
        return StateOf(job, now) != DeltaJobState.Failed;
    }

    /// <summary>Gives the most urgent job to a worker: the attempt counts from here.</summary>
    /// <param name="transaction">The state.</param>
    /// <param name="onlyQuick">Leave best deltas to other workers.</param>
    /// <param name="now">The time.</param>
    /// <returns>The job's number; null when nothing is due.</returns>
    public static long? Claim(IDeltaJobTransaction transaction, bool onlyQuick, DateTimeOffset now)
    {
        var atMost = onlyQuick ? DeltaQuality.Quick : DeltaQuality.Best;
        if (transaction.FindFirstJob(IDeltaJobs.MaxAttempts, now, atMost) is not { } job)
            return null;
        transaction.PutJob(job with
        {
            Attempts = job.Attempts + 1,
            Due = now,
            LeasedUntil = now + IDeltaJobs.Lease,
            Error = EndedUnheard,
            Claims = job.Claims + 1,
        });
        return job.Id;
    }

    /// <summary>Renews the lease of a job; one that has ended or was claimed again meanwhile is left alone.</summary>
    public static void Renew(IDeltaJobTransaction transaction, long id, long claim, DateTimeOffset now)
    {
        if (FindHeld(transaction, id, claim) is { } job)
            transaction.PutJob(job with { LeasedUntil = now + IDeltaJobs.Lease });
    }

    /// <summary>Returns a job that failed, for another attempt after a pause that grows with each one.</summary>
    public static void Fail(
        IDeltaJobTransaction transaction, long id, long claim, string error, DateTimeOffset now)
    {
        if (FindHeld(transaction, id, claim) is not { } job)
            return;
        var pause = FirstPause * (1 << Math.Clamp(job.Attempts - 1, 0, 10));
        transaction.PutJob(job with { Due = now + pause, LeasedUntil = null, Error = error });
    }

    /// <summary>Returns a job that was interrupted; the attempt does not count.</summary>
    public static void Return(
        IDeltaJobTransaction transaction, long id, long claim, TimeSpan pause, DateTimeOffset now)
    {
        if (FindHeld(transaction, id, claim) is { } job)
        {
            transaction.PutJob(job with
            {
                Attempts = Math.Max(0, job.Attempts - 1),
                Due = now + pause,
                LeasedUntil = null,
                Error = "",
            });
        }
    }

    /// <summary>The state of a job at a time.</summary>
    public static DeltaJobState StateOf(JobState job, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.LeasedUntil > now ? DeltaJobState.Running
            : job.Attempts >= IDeltaJobs.MaxAttempts ? DeltaJobState.Failed
            : DeltaJobState.Queued;
    }

    /// <summary>The job while the lease of its claim is the last one.</summary>
    private static JobState? FindHeld(IDeltaJobTransaction transaction, long id, long claim) =>
        transaction.FindJob(id) is { LeasedUntil: not null } job && job.Claims == claim ? job : null;

    /// <summary>A delta makes a job needless: it is as good, and it was not evicted long ago.</summary>
    private static bool Serves(BuildOutcome delta, DeltaQuality quality, DateTimeOffset now) =>
        delta.Quality >= quality
        && (delta.IsStored || delta.Evicted is null || delta.Evicted > now - IDeltaCatalogue.RemakeAfter);

    /// <summary>A job failed for good, and long enough ago to be tried again.</summary>
    private static bool HasRested(JobState job, DateTimeOffset now) =>
        StateOf(job, now) == DeltaJobState.Failed && job.Due <= now - IDeltaJobs.RetryAfter;
}
