namespace ChunkOta.Storage;

/// <summary>The store lacks an object that something refers to.</summary>
public sealed class ObjectMissingException : StoreFailedException
{
    /// <summary>Tells the caller and the operator what each can do.</summary>
    /// <param name="name">The object.</param>
    public ObjectMissingException(ObjectName name)
        : base(
            ErrorCodes.StoreUnavailable,
            "an object of the server's store is missing: ask its operator to restore it", null)
    {
        Name = name;
        OperatorDetail = $"object {name} is missing: restore it, or publish the releases that use it again";
    }

    /// <summary>The object's name.</summary>
    public ObjectName Name { get; }
}
