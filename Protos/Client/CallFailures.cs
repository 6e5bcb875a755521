using System.Net.Sockets;
using System.Security.Authentication;
using ChunkOta.Protos;
using Grpc.Core;

namespace ChunkOta.Client;

/// <summary>Names the failure of a call: the server's own code, or what went wrong on the way to the server.</summary>
internal sealed class CallFailures(ServerAddress address, TlsRefusal refusal, WebFallback? fallback = null)
{
    /// <summary>Turns gRPC's failure into this product's.</summary>
    /// <param name="failure">What the call threw.</param>
    public Exception Translate(RpcException failure, CancellationToken cancellation)
    {
        if (failure.StatusCode == StatusCode.Cancelled && cancellation.IsCancellationRequested)
            return new OperationCanceledException("The call was cancelled.", failure, cancellation);
        if (WebFallback.IsAboutHttp2(failure) && fallback?.IsUsed != true)
        {
            var remedy = fallback is null
                ? "connect without the proxy, or by one that speaks HTTP/2"
                : "using HTTP/1.1";
            fallback?.Use();
            return new ChunkOtaException(
                ErrorCodes.ServerUnavailable, $"HTTP/2 does not pass on the way to {address}: {remedy}", failure)
            {
                Cause = FailureCause.Proxy,
            };
        }
        for (var cause = failure.InnerException; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case RetryLaterException later:
                    return new RetryLaterException(later.Code, later.Message, later.RetryAfter, failure);
                case ChunkOtaException known:
                    return new ChunkOtaException(known.Code, known.Message, failure);
                case AuthenticationException:
                    return new ChunkOtaException(ErrorCodes.TlsRefused,
                        $"{address} is not trusted: {refusal.Reason ?? cause.Message}", failure);
                case SocketException socket:
                    return new ChunkOtaException(ErrorCodes.ServerUnavailable,
                        $"cannot reach {address}: {Lowered(socket.Message)}", failure);
                default:
                    break;
            }
        }

        return failure.StatusCode == StatusCode.DeadlineExceeded
            && failure.Trailers.GetValue(RpcErrors.CodeTrailer) is null
            ? new ChunkOtaException(ErrorCodes.ServerUnavailable, $"{address} did not answer in time", failure)
            {
                Cause = FailureCause.TooSlow,
            }
            : RpcErrors.FromRpc(failure);
    }

    /// <summary>The failure of a stream that ended before all was sent, with nothing said by the server.</summary>
    public ChunkOtaException Broken(Exception cause) => new(ErrorCodes.ServerUnavailable,
        $"the connection to {address} was lost: {Lowered(OneLine.Of(cause.Message))}", cause);

    private static string Lowered(string text) => text.Length > 0 ? char.ToLowerInvariant(text[0]) + text[1..] : text;
}
