namespace ChunkOta.Storage.S3;

/// <summary>A bucket, or the part of it below a prefix, and the way to reach it.</summary>
public sealed record S3Bucket
{
    private readonly string _prefix = "";

    /// <summary>The address of the service, without the bucket: <c>https://s3.eu-central-1.amazonaws.com</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The bucket's name; it must exist.</summary>
    public required string Name { get; init; }

    /// <summary>The beginning of all keys of this installation; empty, or it ends with a slash.</summary>
    public string Prefix
    {
        get => _prefix;
        init => _prefix = value.Trim('/') is { Length: > 0 } folder ? $"{folder}/" : "";
    }

    /// <summary>The region that requests are signed for; many services accept any.</summary>
    public required string Region { get; init; }

    /// <summary>The key pair that signs.</summary>
    public required S3Credentials Credentials { get; init; }

    /// <summary>No attempt of a call begins later than this after its first one.</summary>
    public required TimeSpan Deadline { get; init; }

    /// <summary>Its address, for its operator.</summary>
    public override string ToString() => $"{Endpoint.AbsoluteUri.TrimEnd('/')}/{Name}/{Prefix}";
}
