using Google.Protobuf;

namespace ChunkOta.Cli;

/// <summary>Gives every exception its stable code.</summary>
public static class KnownFailure
{
    /// <summary>The failure as this product's own.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="interrupted">What to say where a signal ended the run: what has become of its work.</param>
    public static ChunkOtaException Of(Exception failure, string interrupted) => failure switch
    {
        ChunkOtaException known => known,
        AggregateException { InnerExceptions: [var only] } => Of(only, interrupted),
        InvalidProtocolBufferException => new ChunkOtaException(
            ErrorCodes.ManifestInvalid, "the server sent a document that cannot be parsed", failure),
        OperationCanceledException => new ChunkOtaException(ErrorCodes.Interrupted, interrupted, failure),
        DllNotFoundException missing => new ChunkOtaException(
            ErrorCodes.SystemLibraryMissing, $"a system library is missing: {missing.Message}", failure),
        IOException or UnauthorizedAccessException =>
            new ChunkOtaException(ErrorCodes.IoError, failure.Message, failure),
        _ => new ChunkOtaException(ErrorCodes.Internal, $"{failure.GetType().Name}: {failure.Message}", failure),
    };
}
