using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace ChunkOta.Chunking;

/// <summary>Finds where in a base a short window of bytes stands: a hash table with chains, no suffix array.</summary>
/// <remarks>
/// At most 64 MiB: of a large base every 2nd, 4th… window is kept. What leads to an entry bears some bits of the entry's
/// hash, so that most windows that are not the one sought are passed over without a look at the base.
/// </remarks>
internal sealed class BaseIndex : IDisposable
{
    /// <summary>What leads nowhere, of those bits of a link that name an entry.</summary>
    private const uint None = (1u << EntryBits) - 1;

    private const int EntryBits = 23;
    private const int MaxEntries = (int)None;

    /// <summary>Heads are fetched so many entries before they are needed.</summary>
    private const int Ahead = 16;

    private readonly int _minStride;
    private readonly NativeBuffer<uint> _headRoom = new();
    private readonly NativeBuffer<uint> _nextRoom = new();
    private int _count;
    private int _bits;
    private int _strideBits;

    /// <param name="windowBytes">8 to 16: the length of a window.</param>
    /// <param name="minStride">A power of two: distance of the windows that are kept of a small base.</param>
    public BaseIndex(int windowBytes, int minStride) => (WindowBytes, _minStride) = (windowBytes, minStride);

    public int WindowBytes { get; }

    /// <summary>Bytes that the tables hold.</summary>
    public long HeldBytes => _headRoom.HeldBytes + _nextRoom.HeldBytes;

    /// <summary>Forgets the last base and takes this one.</summary>
    public void Build(ReadOnlySpan<byte> @base)
    {
        _strideBits = BitOperations.Log2((uint)_minStride);
        while (@base.Length >> _strideBits > MaxEntries) _strideBits++;
        _count = @base.Length < WindowBytes ? 0 : ((@base.Length - WindowBytes) >> _strideBits) + 1;
        _bits = Math.Clamp(BitOperations.Log2((uint)Math.Max(_count, 1)) + 1, 8, 23);
        var heads = _headRoom.Take(1 << _bits);
        var nexts = _nextRoom.Take(_count);
        heads.Fill(uint.MaxValue);
        ref var first = ref MemoryMarshal.GetReference(@base);
        ref var head = ref MemoryMarshal.GetReference(heads);
        var ahead = Math.Max(_count - Ahead, 0);
        for (var entry = 0; entry < _count; entry++)
        {
            if (entry < ahead)
                Fetch(ref Unsafe.Add(ref head, (nint)(Hash(ref first, (entry + Ahead) << _strideBits) >> (64 - _bits))));
            var hash = Hash(ref first, entry << _strideBits);
            ref var link = ref Unsafe.Add(ref head, (nint)(hash >> (64 - _bits)));
            nexts[entry] = link;
            link = (uint)entry | Tag(hash);
        }
    }

    /// <summary>What a search needs, for as long as the index is not built anew.</summary>
    public Tables Open() => new(this);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Hash(ref byte bytes, nint at)
    {
        var first = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at));
        var last = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at + WindowBytes - 8));
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

    /// <summary>Looks windows up.</summary>
    internal readonly ref struct Tables(BaseIndex index)
    {
        private readonly ref uint _heads = ref MemoryMarshal.GetReference(index._headRoom.First(1 << index._bits));
        private readonly ref uint _nexts = ref MemoryMarshal.GetReference(index._nextRoom.First(index._count));
        private readonly int _shift = 64 - index._bits;
        private readonly int _strideBits = index._strideBits;

        /// <summary>Asks for what <see cref="First"/> will look at.</summary>
        /// <param name="window">As many bytes as a window has.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Expect(ref byte window) => Fetch(ref Unsafe.Add(ref _heads, (nint)(index.Hash(ref window, 0) >> _shift)));

        /// <summary>The first place to look at for a window.</summary>
        /// <param name="window">As many bytes as a window has.</param>
        /// <param name="tag">For <see cref="TryNext"/>.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public uint First(ref byte window, out uint tag)
        {
            var hash = index.Hash(ref window, 0);
            tag = Tag(hash);
            return Unsafe.Add(ref _heads, (nint)(hash >> _shift));
        }

        /// <summary>Goes along a chain to the next window that is probably the one sought.</summary>
        /// <param name="link">Where to go on; becomes what follows.</param>
        /// <param name="tag">Of the window sought.</param>
        /// <param name="left">Entries that may still be looked at.</param>
        /// <param name="offset">Gets where in the base it stands.</param>
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
        _headRoom.Dispose();
        _nextRoom.Dispose();
    }
}
