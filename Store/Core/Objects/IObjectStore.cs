namespace ChunkOta.Storage;

/// <summary>An object to be stored.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Content">All of its bytes.</param>
public readonly record struct ObjectContent(ObjectName Name, ReadOnlyMemory<byte> Content);

/// <summary>Where immutable objects lie: a folder, memory, or a bucket. Any number of callers at once.</summary>
/// <remarks>
/// A name holds the same bytes for ever, so nobody ever needs to be told of a change. Calls throw
/// <see cref="ChunkOtaException"/> with <c>STORE_FULL</c>, or <see cref="StoreUnavailableException"/> with
/// <c>STORE_UNAVAILABLE</c>, and never leave part of an object visible.
/// </remarks>
public interface IObjectStore
{
    /// <summary>Stores an object under a name that MUST NOT exist yet or hold the same bytes.</summary>
    /// <remarks>When it returns, the bytes survive a power cut. Safe to call again after any failure.</remarks>
    /// <param name="name">Its name.</param>
    /// <param name="content">Read from where it stands to its end, in pieces: an object of any length takes little
    /// memory.</param>
    /// <param name="cancellationToken">Ends the work; never leaves part of an object.</param>
    Task PutAsync(ObjectName name, Stream content, CancellationToken cancellationToken = default);

    /// <summary>Stores many objects behind one barrier: when it returns, all of them survive a power cut.</summary>
    /// <remarks>After a failure any of them may be there, each whole. Safe to call again.</remarks>
    Task PutManyAsync(IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken = default);

    /// <summary>Fills the destination with exactly its length in bytes of an object, from an offset on.</summary>
    /// <exception cref="ObjectMissingException">There is no such object.</exception>
    /// <exception cref="PackInvalidException">The object is shorter.</exception>
    ValueTask ReadAsync(
        ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default);

    /// <summary>The length of an object in bytes; null when there is none.</summary>
    ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default);

    /// <summary>The names of all objects of a kind, in no order. What comes or goes meanwhile may or may not be
    /// listed.</summary>
    IAsyncEnumerable<ObjectName> ListAsync(ObjectKind kind, CancellationToken cancellationToken = default);

    /// <summary>Removes an object that nothing refers to any more.</summary>
    /// <returns>False when there was none.</returns>
    Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken = default);
}

/// <summary>What every object store can do by what it must.</summary>
public static class ObjectStoreExtensions
{
    /// <summary>Stores an object whose bytes are in memory, as <see cref="IObjectStore.PutManyAsync"/> does one of
    /// many.</summary>
    public static Task PutAsync(
        this IObjectStore objects, ObjectName name, ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(objects);
        return objects.PutManyAsync([new ObjectContent(name, content)], cancellationToken);
    }
}
