using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>Finds where in a base a short window of bytes stands: a hash table with chains, no suffix array.</summary>
/// <remarks>At most 64 MiB: of a large base every 2nd, 4th… window is kept.</remarks>
internal sealed class BaseIndex
{
    private const int MaxEntries = 1 << 23;

    private readonly int _minStride;
    private int[] _heads = [];
    private int[] _next = [];
    private int _bits;
    private int _stride;

    /// <param name="windowBytes">8 to 16: the length of a window.</param>
    /// <param name="minStride">A power of two: distance of the windows that are kept of a small base.</param>
    public BaseIndex(int windowBytes, int minStride) => (WindowBytes, _minStride) = (windowBytes, minStride);

    public int WindowBytes { get; }

    /// <summary>Forgets the last base and takes this one.</summary>
    public void Build(ReadOnlySpan<byte> @base)
    {
        _stride = _minStride;
        while (@base.Length / _stride > MaxEntries) _stride *= 2;
        var count = @base.Length < WindowBytes ? 0 : ((@base.Length - WindowBytes) / _stride) + 1;
        _bits = Math.Clamp(BitOperations.Log2((uint)Math.Max(count, 1)) + 1, 8, 23);
        Room.Ensure(ref _heads, 1 << _bits, MaxEntries);
        Room.Ensure(ref _next, count, MaxEntries);
        _heads.AsSpan(0, 1 << _bits).Fill(-1);
        for (var entry = 0; entry < count; entry++)
        {
            ref var head = ref _heads[Hash(@base[(entry * _stride)..])];
            _next[entry] = head;
            head = entry;
        }
    }

    /// <summary>The first place to look at for what stands at <paramref name="position"/>.</summary>
    /// <returns>An entry for <see cref="Next"/>; negative for none.</returns>
    public int First(ReadOnlySpan<byte> target, int position) =>
        target.Length - position < WindowBytes ? -1 : _heads[Hash(target[position..])];

    /// <summary>The place to look at after an entry; negative for none.</summary>
    public int Next(int entry) => _next[entry];

    /// <summary>Where an entry's window stands in the base.</summary>
    public int OffsetOf(int entry) => entry * _stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Hash(ReadOnlySpan<byte> bytes)
    {
        var first = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var last = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(WindowBytes - 8)..]);
        var mixed = (first * 0x9E37_79B9_7F4A_7C15) ^ BitOperations.RotateLeft(last * 0xC2B2_AE3D_27D4_EB4F, 29);
        return (int)((mixed * 0x9E37_79B9_7F4A_7C15) >> (64 - _bits));
    }
}
