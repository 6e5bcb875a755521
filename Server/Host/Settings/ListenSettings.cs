namespace ChunkOta.Server;

/// <summary>Where the server listens; each is <c>ADDRESS:PORT</c>, port 0 for any free one, or <c>off</c>.</summary>
internal sealed record ListenSettings
{
    /// <summary>Cleartext HTTP/2 for gRPC. It has no secrets of its own to keep only on a trusted network.</summary>
    public string Grpc { get; init; } = "127.0.0.1:7080";

    /// <summary>Cleartext HTTP/1.1: health, version and range GET.</summary>
    public string Http { get; init; } = "127.0.0.1:7081";

    /// <summary>TLS: HTTP/2 and HTTP/1.1, chosen by ALPN.</summary>
    public string Tls { get; init; } = "0.0.0.0:7443";

    /// <summary>Whether gRPC server reflection is answered, to callers on this machine alone.</summary>
    public bool Reflection { get; init; } = true;

    public IEnumerable<string> FindFaults()
    {
        foreach (var (key, value) in new[] { ("Listen:Grpc", Grpc), ("Listen:Http", Http), ("Listen:Tls", Tls) })
        {
            if (!ListenAddress.TryParse(value, out _))
                yield return $"{key} is '{value}', not ADDRESS:PORT (such as 127.0.0.1:7080 or [::]:7443) or off";
        }

        if (ListenAddress.TryParse(Grpc, out var grpc) && grpc.IsOff
            && ListenAddress.TryParse(Tls, out var tls) && tls.IsOff)
            yield return "Listen:Grpc and Listen:Tls are both off: no one could publish or install";
    }
}
