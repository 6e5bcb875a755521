using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace ChunkOta.Chunking;

/// <summary>
/// Finds the offsets of a base that hold a short window of bytes: a hash table with chains, not a suffix array.
/// </summary>
/// <remarks>
/// At most 64 MiB: for a large base only every 2nd, 4th… window is kept. A link to an entry contains some bits of the
/// entry's hash, so that most other windows are skipped without reading the base.
/// </remarks>
internal sealed class BaseIndex : IDisposable
{
    /// <summary>The end of a chain, in the bits of a link that name an entry.</summary>
    private const uint None = (1u << EntryBits) - 1;

    private const int EntryBits = 23;
    private const int MaxEntries = (int)None;

    /// <summary>Heads are prefetched this many entries ahead.</summary>
    private const int Ahead = 16;

    private readonly int _minStride;
    private readonly NativeArray<uint> _heads = new();
    private readonly NativeArray<uint> _nexts = new();
    private int _count;
    private int _bits;
    private int _strideBits;

    /// <param name="windowBytes">Length of a window: 8 to 16.</param>
    /// <param name="minStride">Distance of the windows that are kept of a small base: a power of two.</param>
    public BaseIndex(int windowBytes, int minStride) => (WindowBytes, _minStride) = (windowBytes, minStride);

    /// <summary>Length of a window.</summary>
    public int WindowBytes { get; }

    /// <summary>Bytes that the tables take.</summary>
    public long HeldBytes => _heads.HeldBytes + _nexts.HeldBytes;

    /// <summary>Replaces the indexed base.</summary>
    public void Build(ReadOnlySpan<byte> @base)
    {
        _strideBits = BitOperations.Log2((uint)_minStride);
        while (@base.Length >> _strideBits > MaxEntries) _strideBits++;
        _count = @base.Length < WindowBytes ? 0 : ((@base.Length - WindowBytes) >> _strideBits) + 1;
        _bits = Math.Clamp(BitOperations.Log2((uint)Math.Max(_count, 1)) + 1, 8, 23);
        var heads = _heads.Rent(1 << _bits);
        var nexts = _nexts.Rent(_count);
        heads.Fill(uint.MaxValue);
        ref var first = ref MemoryMarshal.GetReference(@base);
        ref var head = ref MemoryMarshal.GetReference(heads);
        var ahead = Math.Max(_count - Ahead, 0);
        for (var entry = 0; entry < _count; entry++)
        {
            if (entry < ahead)
            {
                var soon = Hash(ref first, (entry + Ahead) << _strideBits);
                Fetch(ref Unsafe.Add(ref head, (nint)(soon >> (64 - _bits))));
            }

            var hash = Hash(ref first, entry << _strideBits);
            ref var link = ref Unsafe.Add(ref head, (nint)(hash >> (64 - _bits)));
            nexts[entry] = link;
            link = (uint)entry | Tag(hash);
        }
    }

    /// <summary>Opens the index for a search; valid until the next <see cref="Build"/>.</summary>
    public Tables Open() => new(this);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Hash(ref byte bytes, nint offset)
    {
        var first = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, offset));
        var last = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, offset + WindowBytes - 8));
        var mixed = (first * 0x9E37_79B9_7F4A_7C15) ^ BitOperations.RotateLeft(last * 0xC2B2_AE3D_27D4_EB4F, 29);
        return mixed * 0x9E37_79B9_7F4A_7C15;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Tag(ulong hash) => (uint)(hash >> 16) << EntryBits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Fetch(ref uint link)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref link));
    }

    /// <summary>The tables during a search.</summary>
    internal readonly ref struct Tables(BaseIndex index)
    {
        private readonly ref uint _heads = ref MemoryMarshal.GetReference(index._heads.First(1 << index._bits));
        private readonly ref uint _nexts = ref MemoryMarshal.GetReference(index._nexts.First(index._count));
        private readonly int _shift = 64 - index._bits;
        private readonly int _strideBits = index._strideBits;

        /// <summary>Prefetches the entry that <see cref="First"/> will read.</summary>
        /// <param name="window">The bytes of a window.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Expect(ref byte window) =>
            Fetch(ref Unsafe.Add(ref _heads, (nint)(index.Hash(ref window, 0) >> _shift)));

        /// <summary>Finds the start of a window's chain.</summary>
        /// <param name="window">The bytes of a window.</param>
        /// <param name="tag">For <see cref="TryNext"/>.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public uint First(ref byte window, out uint tag)
        {
            var hash = index.Hash(ref window, 0);
            tag = Tag(hash);
            return Unsafe.Add(ref _heads, (nint)(hash >> _shift));
        }

        /// <summary>Follows a chain to the next window that is probably equal.</summary>
        /// <param name="link">The chain; advanced to the rest of it.</param>
        /// <param name="tag">The tag of the window that is searched for.</param>
        /// <param name="left">Entries that may still be visited.</param>
        /// <param name="offset">Receives the window's offset in the base.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryNext(ref uint link, uint tag, ref int left, out int offset)
        {
            while ((link & None) != None && left > 0)
            {
                left--;
                var entry = (int)(link & None);
                var isLike = (link & ~None) == tag;
                link = left > 0 ? Unsafe.Add(ref _nexts, entry) : None;
                if (!isLike)
                    continue;
                offset = entry << _strideBits;
                return true;
            }

            offset = 0;
            return false;
        }
    }

    /// <summary>Frees the tables.</summary>
    public void Dispose()
    {
        _heads.Dispose();
        _nexts.Dispose();
    }
}
