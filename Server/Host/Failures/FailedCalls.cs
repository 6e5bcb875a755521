using ChunkOta.Server.Core;

namespace ChunkOta.Server;

/// <summary>Logs the failure of a call and chooses what the caller is told, the same for gRPC and HTTP.</summary>
/// <remarks>
/// Failures of the server are logged as errors with all that the operator needs; refusals of a caller are logged as
/// information. A caller never learns paths, stacks or causes of the server.
/// </remarks>
internal sealed partial class FailedCalls(ILogger<FailedCalls> log)
{
    /// <summary>True when the caller cancelled the call or is gone: nobody reads an answer.</summary>
    public static bool IsAbandoned(Exception failure, CancellationToken cancellationToken) =>
        failure is OperationCanceledException or IOException && cancellationToken.IsCancellationRequested;

    /// <summary>Logs a failure and returns the one that the caller is told.</summary>
    /// <param name="call">The gRPC method or the path of the request.</param>
    /// <param name="failure">Thrown by the call.</param>
    public ChunkOtaException Record(string call, Exception failure)
    {
        switch (failure)
        {
            case ChunkOtaException refusal when !refusal.IsServerFailure():
                LogRefused(call, refusal.Code, refusal.Message);
                return refusal;
            case Storage.StoreFailedException known:
                LogServerFailed(call, known.Code, known.DescribeForOperator());
                return known;
            case ChunkOtaException known:
                LogServerFailed(call, known.Code, known.DescribeForOperator());
                return Anonymous(known.Code);
            default:
                LogBroken(failure, call);
                return Anonymous(ErrorCodes.Internal);
        }
    }

    private static ChunkOtaException Anonymous(string code) =>
        new(code, "the server failed: ask its operator to read the server's log");

    [LoggerMessage(4001, LogLevel.Information, "{Call} refused: {Code}: {Reason}")]
    private partial void LogRefused(string call, string code, string reason);

    [LoggerMessage(4003, LogLevel.Error, "{Call} failed: {Code}: {Detail}")]
    private partial void LogServerFailed(string call, string code, string detail);

    [LoggerMessage(4002, LogLevel.Error, "{Call} failed")]
    private partial void LogBroken(Exception failure, string call);
}
