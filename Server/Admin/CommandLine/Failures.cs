using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>Gives every exception its stable code.</summary>
internal static class Failures
{
    /// <summary>The failure as this product's own.</summary>
    public static ChunkOtaException Known(Exception failure) => failure switch
    {
        ChunkOtaException known => known,
        AggregateException { InnerExceptions: [var only] } => Known(only),
        OperationCanceledException => new ChunkOtaException(
            ErrorCodes.Interrupted, "interrupted: what was stored stays stored, the same command goes on from there", failure),
        InvalidProtocolBufferException => new ChunkOtaException(
            ErrorCodes.ManifestInvalid, "what the server sent is no document of the kind that was asked for", failure),
        DllNotFoundException missing => new ChunkOtaException(
            ErrorCodes.SystemLibraryMissing, $"a system library is missing: {missing.Message}", failure),
        IOException or UnauthorizedAccessException => new ChunkOtaException(ErrorCodes.IoError, failure.Message, failure),
        _ => new ChunkOtaException(ErrorCodes.Internal, $"{failure.GetType().Name}: {failure.Message}", failure),
    };
}
