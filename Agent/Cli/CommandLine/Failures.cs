using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary>Gives every exception its stable code.</summary>
internal static class Failures
{
    /// <summary>The failure as this product's own.</summary>
    public static ChunkOtaException Known(Exception failure) => failure switch
    {
        ChunkOtaException known => known,
        AggregateException { InnerExceptions: [var only] } => Known(only),
        OperationCanceledException => new ChunkOtaException(
            ErrorCodes.Interrupted, "interrupted; nothing installed has changed, run again to go on", failure),
        DllNotFoundException missing => new ChunkOtaException(
            ErrorCodes.SystemLibraryMissing, $"a system library is missing: {missing.Message}", failure),
        IOException or UnauthorizedAccessException => new ChunkOtaException(ErrorCodes.IoError, failure.Message, failure),
        _ => new ChunkOtaException(ErrorCodes.Internal, $"{failure.GetType().Name}: {failure.Message}", failure),
    };
}
