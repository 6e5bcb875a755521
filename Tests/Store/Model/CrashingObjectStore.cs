using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Model;

/// <summary>Passes on to an object store until the process "dies": from then on every call is cancelled, and the call
/// that died has happened or has not.</summary>
internal sealed class CrashingObjectStore(IPrunableObjectStore inner, CancellationTokenSource death)
    : IPrunableObjectStore
{
    private int _left = int.MaxValue;

    /// <summary>Dies after this many writes and deletions; an even number dies before the last one.</summary>
    public void DieAfter(int changes) => _left = changes;

    public Task PutAsync(ObjectName name, Stream content, CancellationToken cancellationToken = default) =>
        ChangeAsync(async () =>
        {
            await inner.PutAsync(name, content, CancellationToken.None);
            return true;
        });

    public Task PutManyAsync(IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken = default) =>
        ChangeAsync(async () =>
        {
            await inner.PutManyAsync(objects, CancellationToken.None);
            return true;
        });

    public Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken = default) =>
        ChangeAsync(() => inner.DeleteAsync(name, CancellationToken.None));

    public ValueTask ReadAsync(
        ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        death.Token.ThrowIfCancellationRequested();
        return inner.ReadAsync(name, offset, destination, cancellationToken);
    }

    public ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default)
    {
        death.Token.ThrowIfCancellationRequested();
        return inner.FindLengthAsync(name, cancellationToken);
    }

    public IAsyncEnumerable<ObjectName> ListAsync(ObjectKind kind, CancellationToken cancellationToken = default) =>
        inner.ListAsync(kind, cancellationToken);

    private async Task<T> ChangeAsync<T>(Func<Task<T>> change)
    {
        death.Token.ThrowIfCancellationRequested();
        var left = Interlocked.Decrement(ref _left);
        if (left > 0) return await change();
        var happens = left % 2 != 0;
        if (happens) _ = await change();
        await death.CancelAsync();
        throw new OperationCanceledException(death.Token);
    }
}
