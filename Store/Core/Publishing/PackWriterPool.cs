using System.Collections.Concurrent;

namespace ChunkOta.Storage;

/// <summary>A pool of pack writers, which bounds the packs in memory over all publishes.</summary>
/// <param name="count">The number of writers; each holds a pack of about 16 MiB.</param>
internal sealed class PackWriterPool(int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count);
    private readonly ConcurrentBag<PackWriter> _writers = [];

    /// <summary>Rents an empty writer, as soon as one is free. The caller must return it.</summary>
    public async ValueTask<PackWriter> RentAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        return _writers.TryTake(out var writer) ? writer : new PackWriter(PackWriter.AimBytes + (1024 * 1024));
    }

    /// <summary>Returns a writer. The pack that it sealed must not be used after that.</summary>
    public void Return(PackWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Reset();
        _writers.Add(writer);
        _free.Release();
    }

    /// <summary>Frees the writers that are not rented.</summary>
    public void Dispose()
    {
        while (_writers.TryTake(out var writer)) writer.Dispose();
        _free.Dispose();
    }
}
