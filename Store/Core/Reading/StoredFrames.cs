using System.Buffers;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Reads stored frames for the server's own use: expanded, and each chunk verified.</summary>
internal static class StoredFrames
{
    /// <summary>Reads and expands a frame; the caller disposes of it.</summary>
    /// <exception cref="ObjectMissingException">Its pack is gone.</exception>
    /// <exception cref="ObjectDamagedException">It is damaged.</exception>
    public static async Task<DecodedFrame> DecodeAsync(
        IObjectReader objects, CodecPool codecs, FrameLocation frame, CancellationToken cancellationToken)
    {
        var stored = ArrayPool<byte>.Shared.Rent(frame.StoredBytes);
        try
        {
            var memory = stored.AsMemory(0, frame.StoredBytes);
            await objects.ReadAsync(ObjectName.Pack(frame.Pack), frame.Offset, memory, cancellationToken)
                .ConfigureAwait(false);
            return Decode(memory, codecs, frame);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
        }
    }

    /// <summary>Expands a frame that was read; the caller disposes of it.</summary>
    /// <exception cref="ObjectDamagedException">It is damaged.</exception>
    public static DecodedFrame Decode(ReadOnlyMemory<byte> stored, CodecPool codecs, FrameLocation frame)
    {
        try
        {
            var decoder = codecs.RentDecoder();
            var decoded = ChunkFrame.Decode(stored, decoder);
            codecs.Return(decoder);
            return decoded;
        }
        catch (Exception failure) when (failure is FrameInvalidException or DecompressLimitException)
        {
            throw Damaged(frame, failure);
        }
    }

    /// <summary>A chunk of an expanded frame, verified.</summary>
    /// <exception cref="ObjectDamagedException">It is not the chunk that the index names.</exception>
    public static VerifiedChunk Verify(DecodedFrame decoded, ChunkLocation location, Digest hash)
    {
        try
        {
            return decoded.VerifyAt(location.PlainOffset, new ChunkRef(hash, location.Length));
        }
        catch (Exception failure) when (failure is FrameInvalidException or ChunkCorruptException)
        {
            throw Damaged(location.Frame, failure);
        }
    }

    private static ObjectDamagedException Damaged(FrameLocation frame, Exception failure) =>
        new($"object {ObjectName.Pack(frame.Pack)} is damaged at offset {frame.Offset}", failure)
        {
            Name = ObjectName.Pack(frame.Pack),
        };
}
