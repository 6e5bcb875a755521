namespace ChunkOta.Storage;

/// <summary>A stored object is not what its name says: torn, or changed after it was stored.</summary>
/// <param name="message">Which object, and what is wrong with it.</param>
/// <param name="innerException">The cause.</param>
public class ObjectDamagedException(string message, Exception? innerException = null)
    : StoreFailedException(ErrorCodes.ObjectDamaged, message, innerException)
{
    /// <summary>The object; null where its reader does not know the name.</summary>
    public ObjectName? Name { get; init; }

    /// <summary>An object ends before a range that was to be read.</summary>
    /// <param name="name">The object.</param>
    /// <param name="offset">Of the range's first byte.</param>
    /// <param name="wanted">The range's length in bytes.</param>
    /// <param name="read">The bytes of it that are there.</param>
    public static ObjectDamagedException Short(ObjectName name, long offset, int wanted, int read) => new(
        $"object {name} is damaged: it ends {wanted - read} bytes before offset {offset + wanted}")
    {
        Name = name,
    };
}
