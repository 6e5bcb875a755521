using System.Net;

namespace ChunkOta.Client;

/// <summary>The address of a server, and whether plaintext is allowed to it.</summary>
/// <remarks>
/// <c>https://</c> always may; <c>http://</c> (HTTP/2 by prior knowledge) only to this machine, or where the operator
/// said that plaintext is meant: signatures keep content safe without TLS, but tokens would travel in the clear.
/// </remarks>
public sealed record ServerAddress
{
    private ServerAddress(Uri uri) => Uri = uri;

    /// <summary>Scheme, host and port; no path.</summary>
    public Uri Uri { get; }

    /// <summary>TLS is spoken.</summary>
    public bool UsesTls => Uri.Scheme == Uri.UriSchemeHttps;

    /// <summary>The server is this machine, by name or number.</summary>
    public bool IsLoopback { get; private init; }

    /// <summary>The <c>:authority</c> that calls bear: host, and port where it is not the scheme's own.</summary>
    public string Authority => AuthorityOf(Uri);

    /// <summary>Reads an address.</summary>
    /// <param name="url">Such as <c>https://ota.example.org:7443</c>.</param>
    /// <param name="allowPlaintext">The operator accepts <c>http://</c> to another machine.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: not such a URL. <c>PLAINTEXT_REFUSED</c>.</exception>
    public static ServerAddress Parse(string url, bool allowPlaintext = false)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0
            || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp))
        {
            throw new ChunkOtaException(ErrorCodes.ConfigInvalid,
                $"'{url}' is not a server address: write https://HOST[:PORT], or http:// for a server on this machine");
        }

        if (uri.AbsolutePath != "/" || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
        {
            throw new ChunkOtaException(ErrorCodes.ConfigInvalid,
                $"the server address '{uri.Scheme}://{AuthorityOf(uri)}' takes no path, query or user name");
        }

        var address = new ServerAddress(uri) { IsLoopback = IsThisMachine(uri) };
        return address.UsesTls || address.IsLoopback || allowPlaintext
            ? address
            : throw new ChunkOtaException(ErrorCodes.PlaintextRefused,
                $"'{url}' would send tokens in the clear: use https://, or allow plaintext (--plaintext)");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Uri.Scheme}://{Authority}";

    internal static string AuthorityOf(Uri uri)
    {
        var host = uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]" : uri.IdnHost;
        return uri.IsDefaultPort ? host : $"{host}:{uri.Port}";
    }

    private static bool IsThisMachine(Uri uri) => IPAddress.TryParse(uri.IdnHost, out var number)
        ? IPAddress.IsLoopback(number)
        : uri.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase);
}
