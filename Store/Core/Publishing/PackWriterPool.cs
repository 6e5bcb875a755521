using System.Collections.Concurrent;

namespace ChunkOta.Storage;

/// <summary>Lends pack writers and so bounds how many packs are in memory at once, over all publishes.</summary>
/// <param name="count">How many: each holds a pack of about 16 MiB.</param>
public sealed class PackWriterPool(int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count);
    private readonly ConcurrentBag<PackWriter> _writers = [];

    /// <summary>An empty writer, as soon as there is one. It must be returned.</summary>
    public async ValueTask<PackWriter> RentAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        return _writers.TryTake(out var writer) ? writer : new PackWriter(PackWriter.AimBytes + (1024 * 1024));
    }

    /// <summary>Takes a writer back. A pack that it sealed must not be used any more.</summary>
    public void Return(PackWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Reset();
        _writers.Add(writer);
        _free.Release();
    }

    /// <summary>Frees the writers that are not lent.</summary>
    public void Dispose()
    {
        while (_writers.TryTake(out var writer)) writer.Dispose();
        _free.Dispose();
    }
}
