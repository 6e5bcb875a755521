using System.Buffers;

namespace ChunkOta.Chunking;

/// <summary>The plain bytes of a frame, from which verified chunks are made.</summary>
/// <remarks>
/// Owns a pooled buffer: everything it returns is valid until it is disposed of. Any number of threads can read; one
/// disposes, when all others are done.
/// </remarks>
public sealed class DecodedFrame : IDisposable
{
    private readonly int _plainBytes;
    private byte[]? _buffer;

    internal DecodedFrame(byte[] buffer, int plainBytes)
    {
        _buffer = buffer;
        _plainBytes = plainBytes;
    }

    /// <summary>The plain bytes, unverified: for inspecting their structure, never for storing.</summary>
    /// <exception cref="ObjectDisposedException">The frame has been disposed of.</exception>
    public ReadOnlyMemory<byte> Plain
    {
        get
        {
            ObjectDisposedException.ThrowIf(_buffer is null, this);
            return _buffer.AsMemory(0, _plainBytes);
        }
    }

    /// <summary>Verifies all chunks of the frame, in order and end to end.</summary>
    /// <param name="chunks">All chunks that the frame is expected to hold.</param>
    /// <returns>One verified chunk for each; valid until the frame is disposed of.</returns>
    /// <exception cref="FrameInvalidException">The chunks' lengths do not add up to the frame's.</exception>
    /// <exception cref="ChunkCorruptException">A chunk's bytes hash to another digest.</exception>
    public IReadOnlyList<VerifiedChunk> Verify(IReadOnlyList<ChunkRef> chunks)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        var plain = Plain;
        CheckLengths(chunks);
        var verified = new VerifiedChunk[chunks.Count];
        for (int i = 0, at = 0; i < verified.Length; at += chunks[i].Length, i++)
            verified[i] = Verify(plain.Slice(at, chunks[i].Length), chunks[i].Hash);
        return verified;
    }

    /// <summary>Verifies one chunk of a frame.</summary>
    /// <param name="offset">Offset of the chunk in the plain bytes.</param>
    /// <param name="chunk">The expected chunk.</param>
    /// <returns>The verified chunk; valid until the frame is disposed of.</returns>
    /// <exception cref="FrameInvalidException">The chunk exceeds the frame.</exception>
    /// <exception cref="ChunkCorruptException">Its bytes hash to another digest.</exception>
    public VerifiedChunk VerifyAt(int offset, ChunkRef chunk)
    {
        var plain = Plain;
        if (offset < 0 || chunk.Length <= 0 || offset > _plainBytes - chunk.Length)
        {
            throw new FrameInvalidException(
                $"a chunk of {chunk.Length} bytes at {offset} is not within the chunk frame's {_plainBytes}");
        }

        return Verify(plain.Slice(offset, chunk.Length), chunk.Hash);
    }

    /// <summary>Returns the buffer to its pool.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    private static VerifiedChunk Verify(ReadOnlyMemory<byte> plain, Digest expected)
    {
        var chunk = VerifiedChunk.Of(plain);
        return chunk.Hash == expected ? chunk : throw new ChunkCorruptException(expected, chunk.Hash);
    }

    private void CheckLengths(IReadOnlyList<ChunkRef> chunks)
    {
        var total = 0L;
        for (var i = 0; i < chunks.Count; i++)
        {
            if (chunks[i].Length <= 0)
                throw new FrameInvalidException($"a chunk of {chunks[i].Length} bytes does not fit in a chunk frame");
            total += chunks[i].Length;
        }

        if (total != _plainBytes)
            throw new FrameInvalidException($"the chunk frame holds {_plainBytes} bytes, its chunks {total}");
    }
}
