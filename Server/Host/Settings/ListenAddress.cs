using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace ChunkOta.Server;

/// <summary>An address and port to listen on, or none.</summary>
/// <param name="EndPoint">Null when listening is off; port 0 takes any free one.</param>
internal readonly record struct ListenAddress(IPEndPoint? EndPoint)
{
    /// <summary>True when listening is off.</summary>
    [MemberNotNullWhen(false, nameof(EndPoint))]
    public bool IsOff => EndPoint is null;

    /// <summary>Reads <c>off</c>, <c>127.0.0.1:7080</c>, <c>[::1]:7080</c> or <c>localhost:7080</c>.</summary>
    public static bool TryParse(string? text, out ListenAddress address)
    {
        address = default;
        if (text is null) return false;
        if (text.Equals("off", StringComparison.OrdinalIgnoreCase)) return true;

        var colon = text.LastIndexOf(':');
        if (colon <= 0
            || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;

        var host = text[..colon];
        if (host == "localhost") host = "127.0.0.1";
        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (!IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var ip)) return false;
        if (isBracketed != (ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)) return false;

        address = new ListenAddress(new IPEndPoint(ip, port));
        return true;
    }

    /// <summary>Reads an address that passed <see cref="ServerSettings.FindFaults"/>.</summary>
    public static ListenAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not ADDRESS:PORT or off");
}
