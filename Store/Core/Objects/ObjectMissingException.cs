namespace ChunkOta.Storage;

/// <summary>The store lacks an object that something refers to.</summary>
/// <param name="name">The object.</param>
public sealed class ObjectMissingException(ObjectName name)
    : StoreFailedException(
        ErrorCodes.StoreUnavailable, $"object {name} is missing: restore it or publish its release again", null)
{
    /// <summary>The object's name.</summary>
    public ObjectName Name { get; } = name;
}
