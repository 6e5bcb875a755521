namespace ChunkOta.Server;

/// <summary>The one line that the server prints to standard output when all its ports are open.</summary>
internal sealed record ReadyLine
{
    /// <summary>Always true.</summary>
    public required bool Ready { get; init; }

    /// <summary>The URL of cleartext gRPC; null when off.</summary>
    public required string? Grpc { get; init; }

    /// <summary>The URL of cleartext HTTP/1.1; null when off.</summary>
    public required string? Http { get; init; }

    /// <summary>The URL of TLS; null when off.</summary>
    public required string? Tls { get; init; }

    /// <summary>The URL of the metrics' port; null when off.</summary>
    public required string? Metrics { get; init; }

    /// <summary>The full path of the data folder.</summary>
    public required string Data { get; init; }

    /// <summary>The hash that agents pin, in hex; null when TLS is off.</summary>
    public required string? TlsSpkiSha256 { get; init; }

    /// <summary>The version of the server.</summary>
    public required string Version { get; init; }
}
