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
    private readonly int _maxCandidates;
    private int[] _heads = [];
    private int[] _next = [];
    private int _bits;
    private int _stride;

    /// <param name="windowBytes">8 to 16: the length of a window.</param>
    /// <param name="minStride">A power of two: distance of the windows that are kept of a small base.</param>
    /// <param name="maxCandidates">Places to look at for one window.</param>
    public BaseIndex(int windowBytes, int minStride, int maxCandidates) =>
        (WindowBytes, _minStride, _maxCandidates) = (windowBytes, minStride, maxCandidates);

    public int WindowBytes { get; }

    /// <summary>Forgets the last base and takes this one.</summary>
    public void Build(ReadOnlySpan<byte> @base)
    {
        _stride = _minStride;
        while (@base.Length / _stride > MaxEntries) _stride *= 2;
        var count = @base.Length < WindowBytes ? 0 : ((@base.Length - WindowBytes) / _stride) + 1;
        _bits = Math.Clamp(BitOperations.Log2((uint)Math.Max(count, 1)) + 1, 8, 23);
        if (_heads.Length < 1 << _bits)
            _heads = GC.AllocateUninitializedArray<int>(1 << _bits);
        if (_next.Length < count)
            _next = GC.AllocateUninitializedArray<int>(count);
        _heads.AsSpan(0, 1 << _bits).Fill(-1);
        for (var entry = 0; entry < count; entry++)
        {
            ref var head = ref _heads[Hash(@base[(entry * _stride)..])];
            _next[entry] = head;
            head = entry;
        }
    }

    /// <summary>The longest match of what stands at <paramref name="position"/>, of the windows looked at.</summary>
    /// <returns>Its length, or 0 when it is shorter than a window.</returns>
    public int Find(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> target, int position, out int baseOffset)
    {
        baseOffset = 0;
        if (target.Length - position < WindowBytes)
            return 0;
        var longest = 0;
        var sought = target[position..];
        var left = _maxCandidates;
        for (var entry = _heads[Hash(sought)]; entry >= 0 && left > 0; entry = _next[entry], left--)
        {
            var offset = entry * _stride;
            if (longest > 0 && !MayBeLonger(@base, offset, sought, longest))
                continue;
            var length = sought.CommonPrefixLength(@base[offset..]);
            if (length > longest)
                (longest, baseOffset) = (length, offset);
        }

        return longest >= WindowBytes ? longest : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayBeLonger(ReadOnlySpan<byte> @base, int offset, ReadOnlySpan<byte> sought, int length) =>
        offset + length < @base.Length && length < sought.Length && @base[offset + length] == sought[length];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Hash(ReadOnlySpan<byte> bytes)
    {
        var first = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var last = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(WindowBytes - 8)..]);
        var mixed = (first * 0x9E37_79B9_7F4A_7C15) ^ BitOperations.RotateLeft(last * 0xC2B2_AE3D_27D4_EB4F, 29);
        return (int)((mixed * 0x9E37_79B9_7F4A_7C15) >> (64 - _bits));
    }
}
