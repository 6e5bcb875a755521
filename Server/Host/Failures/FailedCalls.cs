using System.Diagnostics;
using System.Net;
using ChunkOta.Server.Core;
using Google.Protobuf;

namespace ChunkOta.Server;

/// <summary>Logs the failure of a call and chooses what the caller is told, the same for gRPC and HTTP.</summary>
/// <remarks>
/// Failures of the server are logged as errors with all that the operator needs. Refusals of a caller are logged as
/// information with its address, in one line, and only so often for each address. A caller never learns paths, stacks
/// or causes of the server.
/// </remarks>
internal sealed partial class FailedCalls(CallerLimits limits, ServerMetrics metrics, ILogger<FailedCalls> log)
{
    private const string Anonymous = "the server failed: ask its operator to read the server's log";

    /// <summary>The attribute of a span with the code of its failure.</summary>
    private const string ErrorTag = "chunkota.error.code";

    /// <summary>True when the caller cancelled the call or is gone: nobody reads an answer.</summary>
    public static bool IsAbandoned(Exception failure, CancellationToken cancellationToken) =>
        failure is OperationCanceledException or IOException && cancellationToken.IsCancellationRequested;

    /// <summary>A call that is not one of this server's.</summary>
    /// <param name="fault">What is wrong with it.</param>
    public static ChunkOtaException Malformed(string fault) =>
        new(ErrorCodes.CallInvalid, $"the call is malformed: {fault}: use a program of this server's version");

    /// <summary>Logs a failure and returns the one that the caller is told.</summary>
    /// <param name="call">The gRPC method or the path of the request.</param>
    /// <param name="peer">The caller's address.</param>
    /// <param name="failure">Thrown by the call.</param>
    public ChunkOtaException Record(string call, IPAddress? peer, Exception failure)
    {
        switch (failure)
        {
            case InvalidProtocolBufferException:
                return Refuse(call, peer, Malformed("a message cannot be read"));
            case ChunkOtaException refusal when !refusal.IsServerFailure():
                return Refuse(call, peer, refusal);
            case Storage.StoreFailedException known:
                LogServerFailed(call, known.Code, known.DescribeForOperator());
                return Fail(known.Code, known.Message);
            case ChunkOtaException known:
                LogServerFailed(call, known.Code, known.DescribeForOperator());
                return Fail(known.Code, Anonymous);
            default:
                LogBroken(failure, call);
                return Fail(ErrorCodes.Internal, Anonymous);
        }
    }

    /// <summary>Counts a failure of the server, and names the request, which the operator finds in the log.</summary>
    private ChunkOtaException Fail(string code, string message)
    {
        metrics.Failed(code);
        Activity.Current?.SetTag(ErrorTag, code);
        return new ChunkOtaException(
            code, RequestId.Current is { } request ? $"{message} (request {request})" : message);
    }

    private ChunkOtaException Refuse(string call, IPAddress? peer, ChunkOtaException refusal)
    {
        metrics.Refused(refusal.Code);
        Activity.Current?.SetTag(ErrorTag, refusal.Code);
        if (!limits.TryLog(peer, out var unlogged)) return refusal;
        if (unlogged != 0) LogUnlogged(unlogged, peer);
        LogRefused(Shorten(call), peer, refusal.Code, refusal.Message);
        return refusal;
    }

    private static string Shorten(string call) => call.Length <= 200 ? call : call[..200] + "…";

    [LoggerMessage(4001, LogLevel.Information, "{Call} from {Peer} refused: {Code}: {Reason}")]
    private partial void LogRefused(string call, IPAddress? peer, string code, string reason);

    [LoggerMessage(4003, LogLevel.Error, "{Call} failed: {Code}: {Detail}")]
    private partial void LogServerFailed(string call, string code, string detail);

    [LoggerMessage(4002, LogLevel.Error, "{Call} failed")]
    private partial void LogBroken(Exception failure, string call);

    [LoggerMessage(4004, LogLevel.Information, "{Count} more refused calls from {Peer} or its neighbours")]
    private partial void LogUnlogged(int count, IPAddress? peer);
}
