namespace ChunkOta.Server;

/// <summary>Addresses to listen on; each is <c>ADDRESS:PORT</c>, port 0 for any free one, or <c>off</c>.</summary>
internal sealed record ListenSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Listen));

    /// <summary>Cleartext HTTP/2 for gRPC: for trusted networks only.</summary>
    public string Grpc { get; init; } = "127.0.0.1:7080";

    /// <summary>Cleartext HTTP/1.1: health, version and range GET.</summary>
    public string Http { get; init; } = "127.0.0.1:7081";

    /// <summary>TLS: HTTP/2 and HTTP/1.1, chosen by ALPN.</summary>
    public string Tls { get; init; } = "0.0.0.0:7443";

    /// <summary>True to answer gRPC server reflection, for callers on this machine only.</summary>
    public bool Reflection { get; init; } = true;

    public IEnumerable<string> FindFaults()
    {
        foreach (var (property, value) in new[] { (nameof(Grpc), Grpc), (nameof(Http), Http), (nameof(Tls), Tls) })
        {
            if (!ListenAddress.TryParse(value, out _))
                yield return $"{Section.KeyOf(property)} is not an address: '{value}': "
                    + "use ADDRESS:PORT, such as 127.0.0.1:7080 or [::]:7443, or off";
        }

        if (ListenAddress.TryParse(Grpc, out var grpc) && grpc.IsOff
            && ListenAddress.TryParse(Tls, out var tls) && tls.IsOff)
            yield return $"{Section.KeyOf(nameof(Grpc))} and {Section.KeyOf(nameof(Tls))} are both off: "
                + "set one, or nobody can publish or install";
    }
}
