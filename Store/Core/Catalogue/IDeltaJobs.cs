using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The deltas that are to be built: a queue that survives a crash of the server. Any number of callers at
/// once.</summary>
/// <remarks>
/// A worker holds its job by a lease; any worker can claim a job whose lease ran out, and from then on the previous
/// worker cannot change the job any more. An attempt counts from the moment the job is claimed, so that a job that
/// crashes its server is not retried for ever. <see cref="DeltaJobRules"/> says when a job is due, claimed, retried
/// and given up.
/// </remarks>
public interface IDeltaJobs
{
    /// <summary>The life of a lease that is not renewed.</summary>
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>The number of attempts a job gets.</summary>
    const int MaxAttempts = 3;

    /// <summary>The time before a failed job may be asked for again.</summary>
    static readonly TimeSpan RetryAfter = TimeSpan.FromHours(1);

    /// <summary>Asks for a delta, unless it was built already.</summary>
    /// <remarks>A job that exists already gets the higher of the two priorities.</remarks>
    /// <param name="pair">Visible releases of one product and platform.</param>
    /// <param name="quality">The effort to build it with; a quick delta is not built beside a best one.</param>
    /// <param name="priority">Higher ones go first.</param>
    /// <returns>True when there is something to wait for: a job that waits or runs.</returns>
    /// <exception cref="ChunkOtaException"><c>RELEASE_UNKNOWN</c>.</exception>
    Task<bool> EnqueueAsync(
        DeltaPair pair, DeltaQuality quality, int priority, CancellationToken cancellationToken = default);

    /// <summary>Claims the next job by a lease; null when nothing is due.</summary>
    /// <param name="onlyQuick">Leaves best deltas to other workers.</param>
    Task<DeltaJob?> ClaimAsync(bool onlyQuick = false, CancellationToken cancellationToken = default);

    /// <summary>Renews the lease of a running job.</summary>
    /// <param name="job">As it was claimed.</param>
    Task RenewAsync(DeltaJob job, CancellationToken cancellationToken = default);

    /// <summary>Gives back a job that failed: it is retried after a pause while it has attempts left.</summary>
    /// <param name="job">As it was claimed.</param>
    /// <param name="error">One line for people.</param>
    Task FailAsync(DeltaJob job, string error, CancellationToken cancellationToken = default);

    /// <summary>Gives back a job that was interrupted; the attempt does not count.</summary>
    /// <param name="job">As it was claimed.</param>
    /// <param name="pause">Time before the job can be claimed again.</param>
    Task ReturnAsync(DeltaJob job, TimeSpan pause = default, CancellationToken cancellationToken = default);

    /// <summary>Ends all leases of a process that is gone; only for the one process that uses the catalogue, when it
    /// starts.</summary>
    Task ReturnAllAsync(CancellationToken cancellationToken = default);

    /// <summary>A product's jobs in the order in which they run, failed ones last.</summary>
    ValueTask<IReadOnlyList<DeltaJob>> ListAsync(string product, CancellationToken cancellationToken = default);

    /// <summary>The length and the age of the queue, over all products.</summary>
    ValueTask<DeltaQueueFigures> ReadFiguresAsync(CancellationToken cancellationToken = default);
}
