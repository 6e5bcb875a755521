namespace ChunkOta.Storage;

/// <summary>Tells failures of one object from failures of the whole store, and describes them.</summary>
internal static class ObjectFailures
{
    /// <summary>True if the object is missing or damaged, or if its disk block is. A store that is away looks like the
    /// last: it cannot tell the length of the object either.</summary>
    public static bool IsOfOneObject(this Exception failure) =>
        failure is ObjectMissingException or ObjectDamagedException or ObjectUnreadableException;

    /// <summary>The object that is missing or damaged; null where its reader did not know the name.</summary>
    public static ObjectName? FindObject(this StoreFailedException failure) => failure switch
    {
        ObjectMissingException missing => missing.Name,
        ObjectDamagedException damaged => damaged.Name,
        ObjectUnreadableException unreadable => unreadable.Name,
        _ => null,
    };

    /// <summary>A failure as its operator needs it, in one line.</summary>
    public static string DescribeInOneLine(this Exception failure) => Protos.OneLine.Of(
        failure is StoreFailedException { OperatorDetail: { Length: > 0 } detail } ? detail : failure.Message);
}
