namespace ChunkOta.Server;

/// <summary>The one line that the server prints to standard output when all its ports are open.</summary>
/// <param name="Ready">Always true.</param>
/// <param name="Grpc">The URL of cleartext gRPC; null when off.</param>
/// <param name="Http">The URL of cleartext HTTP/1.1; null when off.</param>
/// <param name="Tls">The URL of TLS; null when off.</param>
/// <param name="Data">The full path of the data folder.</param>
/// <param name="TlsSpkiSha256">The hash that agents pin, in hex; null when TLS is off.</param>
/// <param name="Version">The version of the server.</param>
internal sealed record ReadyLine(
    bool Ready,
    string? Grpc,
    string? Http,
    string? Tls,
    string Data,
    string? TlsSpkiSha256,
    string Version);
