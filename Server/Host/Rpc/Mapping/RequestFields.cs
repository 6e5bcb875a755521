using ChunkOta.Chunking;
using ChunkOta.Server.Core;
using Google.Protobuf;

namespace ChunkOta.Server;

/// <summary>Fields of requests as the values that operations take.</summary>
internal static class RequestFields
{
    /// <summary>The digest that names a release.</summary>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN: another length.</exception>
    public static Digest ToManifestDigest(this ByteString bytes) => FindDigest(bytes)
        ?? throw new ChunkOtaException(ErrorCodes.ReleaseUnknown, $"a manifest digest is 32 bytes, not {bytes.Length}");

    /// <summary>The digest that names a delta.</summary>
    /// <exception cref="ChunkOtaException">DELTA_UNKNOWN: another length.</exception>
    public static Digest ToDeltaDigest(this ByteString bytes) => FindDigest(bytes)
        ?? throw new ChunkOtaException(ErrorCodes.DeltaUnknown, $"a delta digest is 32 bytes, not {bytes.Length}");

    /// <summary>The digest that names a chunk.</summary>
    /// <exception cref="ChunkOtaException">ENTRY_INVALID: another length.</exception>
    public static Digest ToChunkDigest(this ByteString bytes) => FindDigest(bytes)
        ?? throw new ChunkOtaException(ErrorCodes.EntryInvalid, $"a chunk digest is 32 bytes, not {bytes.Length}");

    /// <summary>A digest; null for any other length.</summary>
    public static Digest? FindDigest(this ByteString bytes) =>
        Digest.TryFromBytes(bytes.Span, out var digest) ? digest : null;

    /// <summary>The id of a publish.</summary>
    /// <exception cref="ChunkOtaException">PUBLISH_UNKNOWN: another length.</exception>
    public static Guid ToPublishId(this ByteString bytes) => UploadOperations.ParsePublishId(bytes.Span);

    /// <summary>A text field; null when it is empty, which is how proto3 says that it is absent.</summary>
    public static string? NullIfEmpty(this string text) => text.Length == 0 ? null : text;
}
