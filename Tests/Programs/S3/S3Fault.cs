namespace ChunkOta.Tests.Support;

/// <summary>A request as it reaches a <see cref="FaultyS3"/>.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Method">Such as <c>PUT</c>.</param>
/// <param name="Target">Path and query.</param>
internal sealed record S3Request(int Number, string Method, string Target)
{
    /// <summary>True for a list of objects.</summary>
    public bool IsList => Target.Contains("list-type=2", StringComparison.Ordinal);

    /// <summary>True for a put of an object that is not a part of one.</summary>
    public bool IsPut => Method == "PUT" && !Target.Contains("uploadId=", StringComparison.Ordinal);
}

/// <summary>The ways in which a request can go wrong.</summary>
internal enum S3Fault
{
    /// <summary>It passes.</summary>
    None,

    /// <summary>It is carried out, and the connection ends before the answer.</summary>
    LostAnswer,

    /// <summary>It is carried out twice; the second answer comes back.</summary>
    Twice,

    /// <summary>The service says that it has too much to do.</summary>
    SlowDown,

    /// <summary>The connection is reset before the request is read.</summary>
    Refused,

    /// <summary>Half of the request reaches the service.</summary>
    CutRequest,

    /// <summary>Half of the answer comes back.</summary>
    CutAnswer,

    /// <summary>One bit of the request's content is changed.</summary>
    FlippedBit,

    /// <summary>The last answer that the service has given to this list comes back again.</summary>
    OldAnswer,

    /// <summary>The connection ends, and a little later the request is carried out.</summary>
    Late,
}
