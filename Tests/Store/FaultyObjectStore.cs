using ChunkOta.Storage;

namespace ChunkOta.Tests.Store;

/// <summary>An object store in memory that fails as long as it is told to.</summary>
internal sealed class FaultyObjectStore : IPrunableObjectStore
{
    public MemoryObjectStore Inner { get; } = new();

    /// <summary>What every write and look-up fails with; null for none.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The failure of every write, but not of a look-up; null for none.</summary>
    public Exception? PutFailure { get; set; }

    /// <summary>The failure of every read; null for none.</summary>
    public Exception? ReadFailure { get; set; }

    /// <summary>The failure of the deletion of an object; null for none.</summary>
    public Func<ObjectName, Exception?> DeleteFailure { get; set; } = _ => null;

    public Task PutAsync(ObjectName name, Stream content, CancellationToken cancellationToken = default) =>
        (Failure ?? PutFailure) is { } failure
            ? Task.FromException(failure)
            : Inner.PutAsync(name, content, cancellationToken);

    public Task PutManyAsync(IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken = default) =>
        (Failure ?? PutFailure) is { } failure
            ? Task.FromException(failure)
            : Inner.PutManyAsync(objects, cancellationToken);

    public ValueTask ReadAsync(
        ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default) =>
        ReadFailure is null
            ? Inner.ReadAsync(name, offset, destination, cancellationToken)
            : ValueTask.FromException(ReadFailure);

    public ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default) =>
        Failure is null ? Inner.FindLengthAsync(name, cancellationToken) : ValueTask.FromException<long?>(Failure);

    public IAsyncEnumerable<ObjectName> ListAsync(ObjectKind kind, CancellationToken cancellationToken = default) =>
        Inner.ListAsync(kind, cancellationToken);

    public Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken = default) =>
        DeleteFailure(name) is { } failure
            ? Task.FromException<bool>(failure)
            : Inner.DeleteAsync(name, cancellationToken);
}
