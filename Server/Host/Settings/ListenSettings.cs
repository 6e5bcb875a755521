using System.Net;

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

    /// <summary>Cleartext HTTP/1.1 for Prometheus: <c>/metrics</c> and nothing else.</summary>
    public string Metrics { get; init; } = "127.0.0.1:7082";

    /// <summary>The addresses that devices use, <c>HOST</c> or <c>HOST:PORT</c>, where a proxy is in front; empty to
    /// take the one that each call was sent to.</summary>
    public IReadOnlyList<string> PublicNames { get; init; } = [];

    /// <summary>Proxies whose <c>X-Forwarded-For</c> is trusted: addresses, or networks such as
    /// <c>10.0.0.0/8</c>.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>True to answer gRPC server reflection, for callers on this machine only.</summary>
    public bool Reflection { get; init; } = true;

    /// <summary>The full key of one of these settings, for messages.</summary>
    public static string KeyOf(string property) => Section.KeyOf(property);

    /// <summary>Reads one of <see cref="TrustedProxies"/> that passed <see cref="FindFaults"/>.</summary>
    public static IPNetwork ParseNetwork(string text) =>
        TryParseNetwork(text, out var network) ? network : throw new FormatException($"'{text}' is not a network");

    public IEnumerable<string> FindFaults()
    {
        foreach (var (property, value) in new[]
        {
            (nameof(Grpc), Grpc), (nameof(Http), Http), (nameof(Tls), Tls), (nameof(Metrics), Metrics),
        })
        {
            if (!ListenAddress.TryParse(value, out _))
                yield return $"{Section.KeyOf(property)} is not an address: '{value}': "
                    + "use ADDRESS:PORT, such as 127.0.0.1:7080 or [::]:7443, or off";
        }

        foreach (var name in PublicNames)
        {
            if (!Uri.TryCreate($"https://{name}", UriKind.Absolute, out var url) || url.Authority != name)
                yield return $"{Section.KeyOf(nameof(PublicNames))} has '{name}': use HOST or HOST:PORT, in lower case "
                    + "and without the port 443";
        }

        foreach (var proxy in TrustedProxies)
        {
            if (!TryParseNetwork(proxy, out _))
                yield return $"{Section.KeyOf(nameof(TrustedProxies))} has '{proxy}': use an address or a network such "
                    + "as 10.0.0.0/8";
        }

        if (ListenAddress.TryParse(Grpc, out var grpc) && grpc.IsOff
            && ListenAddress.TryParse(Tls, out var tls) && tls.IsOff)
            yield return $"{Section.KeyOf(nameof(Grpc))} and {Section.KeyOf(nameof(Tls))} are both off: "
                + "set one, or nobody can publish or install";
    }

    private static bool TryParseNetwork(string text, out IPNetwork network)
    {
        network = default;
        if (!IPAddress.TryParse(text, out var address)) return IPNetwork.TryParse(text, out network);
        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }
}
