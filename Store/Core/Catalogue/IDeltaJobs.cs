using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The deltas that are to be made: a queue that survives any end of the server. Any number of callers at
/// once.</summary>
/// <remarks>
/// Who takes a job holds it by a lease; a job whose lease ran out is anyone's again. A try counts from when it is taken,
/// so that a job that kills its server is not tried for ever.
/// </remarks>
public interface IDeltaJobs
{
    /// <summary>How long a job is held unless the lease is renewed.</summary>
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>Tries that a job gets.</summary>
    const int MaxAttempts = 3;

    /// <summary>After this time a job that failed may be asked for again.</summary>
    static readonly TimeSpan RetryAfter = TimeSpan.FromHours(1);

    /// <summary>Asks for a delta, unless it was made already.</summary>
    /// <remarks>A job that is there takes the higher priority of the two.</remarks>
    /// <param name="pair">Visible releases of one product and platform.</param>
    /// <param name="quality">How much work it is worth; a quick one is not made where a best one is there.</param>
    /// <param name="priority">Higher ones go first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there is something to wait for: a job that waits or is being done.</returns>
    Task<bool> EnqueueAsync(
        DeltaPair pair, DeltaQuality quality, int priority, CancellationToken cancellationToken = default);

    /// <summary>Takes the next job, and with it the lease; null when there is nothing to do now.</summary>
    /// <param name="onlyQuick">Leaves best ones to others.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<DeltaJob?> TakeAsync(bool onlyQuick = false, CancellationToken cancellationToken = default);

    /// <summary>Renews the lease of a job that is being done.</summary>
    Task RenewAsync(long job, CancellationToken cancellationToken = default);

    /// <summary>Gives a job back that failed: it is tried again after a while, if it has tries left.</summary>
    /// <param name="job">Its number.</param>
    /// <param name="error">One line for people.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task FailAsync(long job, string error, CancellationToken cancellationToken = default);

    /// <summary>Gives a job back that was not finished through no fault of its own; the try does not count.</summary>
    /// <param name="job">Its number.</param>
    /// <param name="pause">Nobody takes it before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task ReturnAsync(long job, TimeSpan pause = default, CancellationToken cancellationToken = default);

    /// <summary>Ends the leases of a process that is gone: only for the one process that uses the catalogue, when it
    /// starts.</summary>
    Task ReturnAllAsync(CancellationToken cancellationToken = default);

    /// <summary>A product's jobs, in the order in which they are done; failed ones last.</summary>
    ValueTask<IReadOnlyList<DeltaJob>> ListAsync(string product, CancellationToken cancellationToken = default);
}
