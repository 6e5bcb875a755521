using System.Collections.Concurrent;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>A pool of pack writers, which bounds the packs in memory over all publishes and shares them out
/// fairly.</summary>
/// <param name="count">The number of writers; each holds a pack of about 16 MiB.</param>
/// <param name="perCaller">The most writers that one caller has.</param>
/// <param name="clock">Measures waits and turns.</param>
internal sealed class PackWriterPool(int count, int perCaller, TimeProvider clock) : IDisposable
{
    /// <summary>The time that a caller keeps a writer while others wait for one.</summary>
    internal static readonly TimeSpan Turn = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait for a writer. Every writer becomes free after its turn, so that only a store that
    /// hardly stores makes anybody wait for so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(30);

    private readonly FairGate _gate = new(count, perCaller, clock);
    private readonly ConcurrentBag<PackWriter> _writers = [];

    /// <summary>True while anybody waits for a writer.</summary>
    public bool IsWanted => _gate.IsWanted;

    /// <summary>The moment, as <see cref="IsTurnOver"/> takes it.</summary>
    public long Now => clock.GetTimestamp();

    /// <summary>Rents an empty writer, as soon as one is free. The caller must return it.</summary>
    /// <param name="caller">The caller whose share it is.</param>
    /// <param name="domain">The domain of the packs that it is to make.</param>
    /// <exception cref="RetryLaterException">THROTTLED: none became free in time.</exception>
    public async ValueTask<PackWriter> RentAsync(
        string caller, DedupDomain domain, CancellationToken cancellationToken)
    {
        if (!await _gate.TryEnterAsync(caller, Patience, cancellationToken).ConfigureAwait(false))
        {
            throw new RetryLaterException(
                ErrorCodes.Throttled,
                "the server is storing too much at once: the upload did not begin: publish again later", RetryAfter);
        }

        if (!_writers.TryTake(out var writer)) writer = new PackWriter(PackWriter.AimBytes + (1024 * 1024));
        writer.Reset(domain);
        return writer;
    }

    /// <summary>Returns a writer. The pack that it sealed must not be used after that.</summary>
    public void Return(PackWriter writer, string caller)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Reset();
        _writers.Add(writer);
        _gate.Release(caller);
    }

    /// <summary>True when a writer is to be returned, because it was kept for a turn and others wait.</summary>
    /// <param name="since">The moment at which it was rented.</param>
    public bool IsTurnOver(long since) => clock.GetElapsedTime(since) >= Turn && IsWanted;

    /// <summary>Frees the writers that are not rented.</summary>
    public void Dispose()
    {
        while (_writers.TryTake(out var writer)) writer.Dispose();
    }
}
