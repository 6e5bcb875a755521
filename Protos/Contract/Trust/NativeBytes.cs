using System.Runtime.InteropServices;

namespace ChunkOta.Protos;

/// <summary>Bytes that are needed for a moment and may be many millions: given back at once, and not by a collection of
/// garbage some time later.</summary>
/// <remarks>To be disposed of by its only user; nothing may use <see cref="Span"/> after that.</remarks>
internal readonly unsafe ref struct NativeBytes
{
    private readonly byte* _bytes;
    private readonly int _length;

    /// <summary>Takes memory, whose content is anything.</summary>
    /// <param name="length">Bytes, bounded by the caller.</param>
    /// <exception cref="OutOfMemoryException">There is not so much.</exception>
    public NativeBytes(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _bytes = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, length));
        _length = length;
    }

    /// <summary>The bytes.</summary>
    public Span<byte> Span => new(_bytes, _length);

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => NativeMemory.Free(_bytes);
}
