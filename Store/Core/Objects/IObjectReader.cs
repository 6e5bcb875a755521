namespace ChunkOta.Storage;

/// <summary>Reads immutable objects from a folder, memory or a bucket. Any number of callers at once.</summary>
/// <remarks>
/// A name holds the same bytes for ever, so no reader ever needs to be told of a change. Calls throw
/// <see cref="StoreUnavailableException"/> with <c>STORE_UNAVAILABLE</c> when the store cannot answer.
/// </remarks>
public interface IObjectReader
{
    /// <summary>Fills the destination with exactly its length in bytes of an object, from an offset on.</summary>
    /// <exception cref="ObjectMissingException">There is no such object.</exception>
    /// <exception cref="ObjectDamagedException">The object is shorter.</exception>
    ValueTask ReadAsync(
        ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default);

    /// <summary>The length of an object in bytes; null when there is none.</summary>
    ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default);

    /// <summary>The names of all objects of a kind, in no order. An object that is put or deleted meanwhile is listed
    /// or not.</summary>
    IAsyncEnumerable<ObjectName> ListAsync(ObjectKind kind, CancellationToken cancellationToken = default);

    /// <summary>The path of an object in a store whose objects are files of this machine, which the kernel can send by
    /// itself; null in any other. The file need not exist.</summary>
    string? PathOf(ObjectName name) => null;
}
