using ChunkOta.Durable;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Tells failures of the server, which its operator must hear of, from refusals of a caller.</summary>
public static class FailureSeverity
{
    /// <summary>True when the server or its store failed; false when it refused what the caller asked for.</summary>
    public static bool IsServerFailure(this ChunkOtaException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure is StoreFailedException or FileSystemException
            || failure.Code is ErrorCodes.StoreFull or ErrorCodes.StoreUnavailable or ErrorCodes.ObjectDamaged
                or ErrorCodes.ChunkMissing or ErrorCodes.Internal;
    }

    /// <summary>The failure as the operator needs it: what failed, where, and how much space is free.</summary>
    public static string DescribeForOperator(this Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure is StoreFailedException { OperatorDetail: { Length: > 0 } detail } ? detail : failure.Message;
    }

    /// <summary>The level of a log line about a failure that a caller does not see: error for failures of the server,
    /// else warning.</summary>
    internal static LogLevel LevelOf(Exception failure) =>
        failure is ChunkOtaException known && known.IsServerFailure() ? LogLevel.Error : LogLevel.Warning;
}
