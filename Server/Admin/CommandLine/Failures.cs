using ChunkOta.Cli;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>Gives every exception its stable code.</summary>
internal static class Failures
{
    /// <summary>The failure as this product's own.</summary>
    public static ChunkOtaException Known(Exception failure) => failure switch
    {
        AggregateException { InnerExceptions: [var only] } => Known(only),
        InvalidProtocolBufferException => new ChunkOtaException(
            ErrorCodes.ManifestInvalid, "what the server sent is no document of the kind that was asked for", failure),
        _ => KnownFailure.Of(failure, "interrupted: what was stored stays stored, the same command goes on from there"),
    };
}
