namespace ChunkOta.Storage;

/// <summary>An object to be stored.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Content">All of its bytes.</param>
public readonly record struct ObjectContent(ObjectName Name, ReadOnlyMemory<byte> Content);

/// <summary>Reads and stores immutable objects. Any number of callers at once.</summary>
/// <remarks>
/// Calls that store throw <see cref="ChunkOtaException"/> with <c>STORE_FULL</c> when there is no space left. Part of
/// an object is never visible.
/// </remarks>
public interface IObjectStore : IObjectReader
{
    /// <summary>Stores an object under a name that MUST NOT exist yet or hold the same bytes.</summary>
    /// <remarks>When it returns, the bytes survive a power cut. Safe to call again after any failure.</remarks>
    /// <param name="name">Its name.</param>
    /// <param name="content">Read from its position to its end, in pieces: an object of any length takes little
    /// memory.</param>
    Task PutAsync(ObjectName name, Stream content, CancellationToken cancellationToken = default);

    /// <summary>Stores many objects behind one barrier: when it returns, all of them survive a power cut.</summary>
    /// <remarks>After a failure any of them may be there, each whole. Safe to call again.</remarks>
    Task PutManyAsync(IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken = default);
}

/// <summary>Adds to every object store what follows from its methods.</summary>
public static class ObjectStoreExtensions
{
    /// <summary>Stores one object whose bytes are in memory, durably as <see cref="IObjectStore.PutManyAsync"/>
    /// does.</summary>
    public static Task PutAsync(
        this IObjectStore objects, ObjectName name, ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(objects);
        return objects.PutManyAsync([new ObjectContent(name, content)], cancellationToken);
    }
}
