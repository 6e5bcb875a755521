namespace ChunkOta.Storage;

/// <summary>A stored object is not what its name says: torn, or changed after it was stored.</summary>
public class ObjectDamagedException : StoreFailedException
{
    /// <summary>Tells the caller and the operator what each can do. Callers are not told the object's name: that of a
    /// recipe of an isolated product tells the mask of its domain (docs/adr/0043).</summary>
    /// <param name="detail">For the operator: which object, and what is wrong with it.</param>
    /// <param name="innerException">The cause.</param>
    public ObjectDamagedException(string detail, Exception? innerException = null)
        : this(
            "an object of the server's store is damaged: ask its operator to verify the store", detail, innerException)
    {
    }

    /// <summary>Tells the caller more than that.</summary>
    /// <param name="message">For the caller: no object by its name.</param>
    /// <param name="detail">For the operator.</param>
    /// <param name="innerException">The cause.</param>
    internal ObjectDamagedException(string message, string detail, Exception? innerException)
        : base(ErrorCodes.ObjectDamaged, message, innerException) => OperatorDetail = detail;

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
