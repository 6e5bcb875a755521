using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ChunkOta.Protos;

/// <summary>The one place that derives the cause of a failure: from its code and, for a server that was not reached,
/// from the errors of sockets and HTTP behind it. Pure; it never looks at message texts.</summary>
public static class FailureCauses
{
    private static readonly string[] Words =
    [
        "other", "dns", "connect", "proxy", "tls", "clock", "auth", "quota", "disk", "inodes", "verify", "server",
        "too_slow",
    ];

    /// <summary>Returns the cause of a failure.</summary>
    /// <param name="failure">The failure, with the exceptions that caused it.</param>
    public static FailureCause Of(ChunkOtaException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        if (failure.Cause is { } known)
            return known;
        if (failure.Code is ErrorCodes.ServerUnavailable or ErrorCodes.TlsRefused)
            return OfConnection(failure);
        return OfCode(failure.Code);
    }

    /// <summary>Returns the lower-case word of a cause, as JSON and reports have it.</summary>
    /// <param name="cause">The cause.</param>
    public static string ToWord(this FailureCause cause) => Words[(int)cause];

    /// <summary>Returns the cause that a code alone stands for.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    public static FailureCause OfCode(string code) => code switch
    {
        ErrorCodes.TooSlow or ErrorCodes.TimedOut => FailureCause.TooSlow,
        ErrorCodes.ClockSkew or ErrorCodes.Expired or ErrorCodes.RootExpired or ErrorCodes.IssuedAhead =>
            FailureCause.Clock,
        ErrorCodes.TokenInvalid or ErrorCodes.TokenExpired or ErrorCodes.NotAllowed or ErrorCodes.DeviceUnknown
            or ErrorCodes.Replay or ErrorCodes.RateLimited => FailureCause.Auth,
        ErrorCodes.Throttled or ErrorCodes.QuotaExceeded => FailureCause.Quota,
        ErrorCodes.DiskFull or ErrorCodes.IoError => FailureCause.Disk,
        ErrorCodes.StoreFull or ErrorCodes.StoreUnavailable or ErrorCodes.ObjectDamaged or ErrorCodes.ChunkMissing
            or ErrorCodes.ServerBehind
            or ErrorCodes.ReleaseIncomplete or ErrorCodes.ReleaseUnknown or ErrorCodes.ProductUnknown
            or ErrorCodes.ChannelUnknown or ErrorCodes.PlatformUnknown or ErrorCodes.VersionUnknown
            or ErrorCodes.ServerUnavailable => FailureCause.Server,
        ErrorCodes.TlsRefused or ErrorCodes.PlaintextRefused => FailureCause.Tls,
        ErrorCodes.NotAsInstalled or ErrorCodes.KeyRemoved => FailureCause.Verify,
        _ => ErrorMeaning.Of(code).ExitCode == ExitCodes.Refused ? FailureCause.Verify : FailureCause.Other,
    };

    private static FailureCause OfConnection(ChunkOtaException failure)
    {
        // What is wrapped is more exact than what wraps it.
        FailureCause? found = null;
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError }
                    or HttpRequestException { StatusCode: HttpStatusCode.ProxyAuthenticationRequired }:
                    return FailureCause.Proxy;
                case HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }
                    or SocketException
                {
                    SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain
                        or SocketError.NoData or SocketError.NoRecovery
                }:
                    return FailureCause.Dns;
                case AuthenticationException
                    or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }:
                    return FailureCause.Tls;
                case SocketException or HttpRequestException or IOException:
                    found = FailureCause.Connect;
                    break;
                default:
                    break;
            }
        }
        return found ?? OfCode(failure.Code);
    }
}
