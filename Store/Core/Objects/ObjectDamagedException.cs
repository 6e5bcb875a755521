namespace ChunkOta.Storage;

/// <summary>A stored object is not what its name says: torn, or changed after it was stored.</summary>
/// <param name="message">Which object, and what is wrong with it.</param>
/// <param name="innerException">The cause.</param>
public class ObjectDamagedException(string message, Exception? innerException = null)
    : StoreFailedException(ErrorCodes.ObjectDamaged, message, innerException)
{
    /// <summary>The object; null where its reader does not know the name.</summary>
    public ObjectName? Name { get; init; }
}
