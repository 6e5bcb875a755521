using System.Runtime.InteropServices;

namespace ChunkOta.Durable;

/// <summary>Memory for <see cref="DurableFile.ReadDirectly"/>: the kernel writes whole blocks into it. Not safe for
/// concurrent use.</summary>
public sealed unsafe class DirectBuffer : IDisposable
{
    /// <summary>No device in use has longer blocks, bytes.</summary>
    private const int BlockBytes = 4096;

    private byte* _start;

    /// <summary>Allocates the memory.</summary>
    /// <param name="length">Its length in bytes: a multiple of 4 KiB.</param>
    public DirectBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(length % BlockBytes, 0);
        _start = (byte*)NativeMemory.AlignedAlloc((nuint)length, BlockBytes);
        Length = length;
    }

    internal int Length { get; }

    internal byte* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return _start;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
    }
}
