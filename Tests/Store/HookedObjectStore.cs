using ChunkOta.Storage;

namespace ChunkOta.Tests.Store;

/// <summary>Passes on to an object store after a test has heard of the call, which it may delay or fail.</summary>
internal sealed class HookedObjectStore(IPrunableObjectStore inner) : IPrunableObjectStore
{
    /// <summary>Called before bytes of an object are read.</summary>
    public Func<ObjectName, CancellationToken, Task> OnRead { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Called before the length of an object is looked up.</summary>
    public Func<ObjectName, CancellationToken, Task> OnLook { get; init; } = (_, _) => Task.CompletedTask;

    public async ValueTask ReadAsync(
        ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        await OnRead(name, cancellationToken);
        await inner.ReadAsync(name, offset, destination, cancellationToken);
    }

    public async ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default)
    {
        await OnLook(name, cancellationToken);
        return await inner.FindLengthAsync(name, cancellationToken);
    }

    public Task PutAsync(ObjectName name, Stream content, CancellationToken cancellationToken = default) =>
        inner.PutAsync(name, content, cancellationToken);

    public Task PutManyAsync(IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken = default) =>
        inner.PutManyAsync(objects, cancellationToken);

    public IAsyncEnumerable<ObjectName> ListAsync(ObjectKind kind, CancellationToken cancellationToken = default) =>
        inner.ListAsync(kind, cancellationToken);

    public Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken = default) =>
        inner.DeleteAsync(name, cancellationToken);
}
