namespace ChunkOta.Storage;

/// <summary>One object cannot be read: a disk block is lost, or the whole store is.</summary>
/// <param name="name">The object.</param>
/// <param name="message">What failed, and what to do.</param>
/// <param name="innerException">The cause.</param>
internal sealed class ObjectUnreadableException(ObjectName name, string message, Exception? innerException = null)
    : StoreUnavailableException(message, innerException)
{
    /// <summary>The object's name.</summary>
    public ObjectName Name => name;
}
