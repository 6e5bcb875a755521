namespace ChunkOta.Storage;

/// <summary>Tells failures of one object from failures of the whole store.</summary>
internal static class ObjectFailures
{
    /// <summary>True if the object is missing or damaged, or if its disk block is. A store that is away looks like the
    /// last: it cannot tell the length of the object either.</summary>
    public static bool IsOfOneObject(this Exception failure) =>
        failure is ObjectMissingException or ObjectDamagedException or ObjectUnreadableException;
}
