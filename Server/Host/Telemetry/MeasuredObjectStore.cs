using System.Diagnostics;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Measures the operations of an object store and counts their errors.</summary>
/// <remarks>A read that is complete when it returns costs no allocation.</remarks>
/// <param name="inner">Does the work.</param>
/// <param name="metrics">Gets the measurements.</param>
internal sealed class MeasuredObjectStore(IPrunableObjectStore inner, ServerMetrics metrics) : IPrunableObjectStore
{
    public ValueTask ReadAsync(
        ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var reading = inner.ReadAsync(name, offset, destination, cancellationToken);
            if (!reading.IsCompletedSuccessfully)
                return new ValueTask(FinishReadAsync(started, reading.AsTask()));
        }
        catch (StoreFailedException failure)
        {
            metrics.StoreFailed(StorePart.Objects, failure.Code);
            throw;
        }

        metrics.ObjectCalled("read", Stopwatch.GetElapsedTime(started));
        return ValueTask.CompletedTask;
    }

    public async ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default)
    {
        long? length = null;
        await MeasureAsync("find", async () => length = await inner.FindLengthAsync(name, cancellationToken));
        return length;
    }

    public IAsyncEnumerable<ObjectName> ListAsync(ObjectKind kind, CancellationToken cancellationToken = default) =>
        inner.ListAsync(kind, cancellationToken);

    public Task PutAsync(ObjectName name, Stream content, CancellationToken cancellationToken = default) =>
        MeasureWriteAsync("put", () => inner.PutAsync(name, content, cancellationToken));

    public Task PutManyAsync(IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken = default) =>
        MeasureWriteAsync("put_many", () => inner.PutManyAsync(objects, cancellationToken));

    public async Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken = default)
    {
        var wasThere = false;
        await MeasureWriteAsync("delete", async () => wasThere = await inner.DeleteAsync(name, cancellationToken));
        return wasThere;
    }

    public string? PathOf(ObjectName name) => inner.PathOf(name);

    private Task FinishReadAsync(long started, Task reading) => MeasureAsync("read", () => reading, started);

    /// <summary>Writes take their time, so each is a span as well.</summary>
    private async Task MeasureWriteAsync(string operation, Func<Task> write)
    {
        using var span = metrics.Spans.StartActivity($"object {operation}");
        await MeasureAsync(operation, write);
    }

    private async Task MeasureAsync(string operation, Func<Task> work, long? started = null)
    {
        var from = started ?? Stopwatch.GetTimestamp();
        try
        {
            await work();
        }
        catch (StoreFailedException failure)
        {
            metrics.StoreFailed(StorePart.Objects, failure.Code);
            throw;
        }
        finally
        {
            metrics.ObjectCalled(operation, Stopwatch.GetElapsedTime(from));
        }
    }
}
