using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChunkOta.Chunking;

/// <content>The kernel for processors that look up 64 bytes at once (AVX-512 VBMI).</content>
internal static partial class FastCdc
{
    /// <summary>
    /// Sixteen hashes roll side by side, each over its own segment; the first cut of all is used.
    /// </summary>
    /// <remarks>
    /// <para>Only the low 32 bits roll here. They depend on the last 32 bytes alone, so each lane starts that long
    /// before its segment. Where they match the low half of the mask, the hash is recomputed from the last 48 bytes,
    /// all that a mask depends on.</para>
    /// <para>A gear number is looked up byte by byte: four tables of 256 bytes, each in four registers.</para>
    /// <para>8.4 GB/s of chunks on one Zen 5 core, where the plain loop makes 5.0 and BLAKE3 in the same registers 8.8:
    /// cutting must not be the bottleneck of a publish.</para>
    /// </remarks>
    internal static class Avx512Kernel
    {
        private const int Lanes = 16;

        /// <summary>
        /// Bytes of each lane: a longer lane starts less often, a shorter one reads less beyond the cut.
        /// </summary>
        private const int SegmentBytes = 512;

        /// <summary>Bytes searched at once; the plain loop searches shorter ranges.</summary>
        public const int BlockBytes = Lanes * SegmentBytes;

        /// <summary>Bytes that the low half of a hash depends on.</summary>
        private const int LowWindowBytes = 32;

        private const int RowBytes = 16;

        /// <summary>Bytes of each lane that one entry of hits covers.</summary>
        private const int HitBytes = 4;

        /// <summary>The low bytes of the 256 gear numbers, then the bytes above them, and so on for four.</summary>
        private static readonly byte[] Planes = MakePlanes();

        public static bool IsSupported => Avx512Vbmi.IsSupported && Avx512BW.IsSupported;

        /// <summary>
        /// Index of the first byte after which the hash matches the mask, in the whole blocks of the range; or -1.
        /// </summary>
        /// <param name="chunk">The chunk from its first byte.</param>
        /// <param name="origin">Index at which the chunk's hash begins.</param>
        /// <param name="from">Index to search from; the bytes between <paramref name="origin"/> and it are
        /// hashed.</param>
        /// <param name="to">Index to search to; set to the end of the blocks.</param>
        /// <param name="mask">Bits that the hash must not have.</param>
        /// <param name="gear">The seeded table.</param>
        /// <param name="seed">The table's seed.</param>
        [SkipLocalsInit]
        public static int Find(
            ReadOnlySpan<byte> chunk,
            int origin,
            int from,
            ref int to,
            ulong mask,
            ReadOnlySpan<ulong> gear,
            ulong seed)
        {
            Span<ulong> hits = stackalloc ulong[SegmentBytes / HitBytes];
            var end = from + ((to - from) / BlockBytes * BlockBytes);
            for (to = from; to < end; to += BlockBytes)
            {
                var before = (uint)HashBefore(chunk, origin, to, gear);
                Mark(chunk.Slice(to - LowWindowBytes, LowWindowBytes + BlockBytes), before, (uint)mask, seed, hits);
                var cut = FirstCut(chunk, origin, to, mask, gear, hits);
                if (cut >= 0)
                    return cut;
            }

            return -1;
        }

        /// <summary>Marks the bytes of a block after which the low half of the hash matches that of the mask.</summary>
        /// <remarks>Optimized at once: a small publish ends before tiered compilation would.</remarks>
        /// <param name="block">The block and the bytes before it that the hash depends on.</param>
        /// <param name="before">The low half of the hash before the block's first byte.</param>
        /// <param name="mask">The low half of the mask.</param>
        /// <param name="seed">The seed of the gear table.</param>
        /// <param name="hits">For each four bytes of a segment: a bit for each lane, in four groups for the
        /// bytes.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Mark(ReadOnlySpan<byte> block, uint before, uint mask, ulong seed, Span<ulong> hits)
        {
            ref var rows = ref MemoryMarshal.GetReference(block[..(LowWindowBytes + BlockBytes)]);
            ref var hit = ref MemoryMarshal.GetReference(hits[..(SegmentBytes / HitBytes)]);
            var (t00, t01, t02, t03) = LoadPlane(0, seed);
            var (t10, t11, t12, t13) = LoadPlane(1, seed);
            var (t20, t21, t22, t23) = LoadPlane(2, seed);
            var (t30, t31, t32, t33) = LoadPlane(3, seed);
            var masks = Vector512.Create(mask);
            var hash = Vector512<uint>.Zero;
            for (nint at = 0; at < LowWindowBytes + SegmentBytes; at += RowBytes)
            {
                if (at == LowWindowBytes)
                    hash = hash.WithElement(0, before);

                // Row s has 16 bytes of lanes s, s + 4, s + 8 and s + 12. Unpacked twice, every fourth byte is of one
                // row and neighbouring lanes' bytes stand together: four bytes of each lane in one vector.
                ref var row = ref Unsafe.Add(ref rows, at);
                var r0 = LoadRow(ref row);
                var r1 = LoadRow(ref Unsafe.Add(ref row, SegmentBytes));
                var r2 = LoadRow(ref Unsafe.Add(ref row, 2 * SegmentBytes));
                var r3 = LoadRow(ref Unsafe.Add(ref row, 3 * SegmentBytes));
                var low01 = Avx512BW.UnpackLow(r0, r1).AsUInt16();
                var low23 = Avx512BW.UnpackLow(r2, r3).AsUInt16();
                var high01 = Avx512BW.UnpackHigh(r0, r1).AsUInt16();
                var high23 = Avx512BW.UnpackHigh(r2, r3).AsUInt16();
                for (var quarter = 0; quarter < 4; quarter++)
                {
                    var bytes = quarter switch
                    {
                        0 => Avx512BW.UnpackLow(low01, low23).AsByte(),
                        1 => Avx512BW.UnpackHigh(low01, low23).AsByte(),
                        2 => Avx512BW.UnpackLow(high01, high23).AsByte(),
                        _ => Avx512BW.UnpackHigh(high01, high23).AsByte(),
                    };
                    var b0 = LookUp(t00, t01, t02, t03, bytes);
                    var b1 = LookUp(t10, t11, t12, t13, bytes);
                    var b2 = LookUp(t20, t21, t22, t23, bytes);
                    var b3 = LookUp(t30, t31, t32, t33, bytes);
                    var lowLow = Avx512BW.UnpackLow(b0, b1).AsUInt16();
                    var highLow = Avx512BW.UnpackLow(b2, b3).AsUInt16();
                    var lowHigh = Avx512BW.UnpackHigh(b0, b1).AsUInt16();
                    var highHigh = Avx512BW.UnpackHigh(b2, b3).AsUInt16();
                    var h0 = hash + hash + Avx512BW.UnpackLow(lowLow, highLow).AsUInt32();
                    var h1 = h0 + h0 + Avx512BW.UnpackHigh(lowLow, highLow).AsUInt32();
                    var h2 = h1 + h1 + Avx512BW.UnpackLow(lowHigh, highHigh).AsUInt32();
                    var h3 = h2 + h2 + Avx512BW.UnpackHigh(lowHigh, highHigh).AsUInt32();
                    hash = h3;
                    if (at < LowWindowBytes)
                        continue;

                    hit = Meets(h0, masks)
                        | (Meets(h1, masks) << Lanes)
                        | (Meets(h2, masks) << (2 * Lanes))
                        | (Meets(h3, masks) << (3 * Lanes));
                    hit = ref Unsafe.Add(ref hit, 1);
                }
            }
        }

        /// <summary>The first of the marked bytes after which the whole hash matches the whole mask, or -1.</summary>
        private static int FirstCut(
            ReadOnlySpan<byte> chunk,
            int origin,
            int start,
            ulong mask,
            ReadOnlySpan<ulong> gear,
            ReadOnlySpan<ulong> hits)
        {
            var first = int.MaxValue;
            for (var i = 0; i < hits.Length; i++)
            {
                for (var met = hits[i]; met != 0; met &= met - 1)
                {
                    var bit = BitOperations.TrailingZeroCount(met);
                    var cut = start + (bit % Lanes * SegmentBytes) + (i * HitBytes) + (bit / Lanes);
                    if (cut < first && (HashBefore(chunk, origin, cut + 1, gear) & mask) == 0)
                        first = cut;
                }
            }

            return first == int.MaxValue ? -1 : first;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<byte> LoadRow(ref byte row)
        {
            const int step = 4 * SegmentBytes;
            var lanes = Vector128.LoadUnsafe(ref row).AsUInt32().ToVector256Unsafe().ToVector512Unsafe();
            lanes = Avx512F.InsertVector128(lanes, Vector128.LoadUnsafe(ref row, step).AsUInt32(), 1);
            lanes = Avx512F.InsertVector128(lanes, Vector128.LoadUnsafe(ref row, 2 * step).AsUInt32(), 2);
            return Avx512F.InsertVector128(lanes, Vector128.LoadUnsafe(ref row, 3 * step).AsUInt32(), 3).AsByte();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<byte> LookUp(
            Vector512<byte> t0, Vector512<byte> t1, Vector512<byte> t2, Vector512<byte> t3, Vector512<byte> bytes) =>
            Avx512BW.BlendVariable(
                Avx512Vbmi.PermuteVar64x8x2(t0, bytes, t1), Avx512Vbmi.PermuteVar64x8x2(t2, bytes, t3), bytes);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static ulong Meets(Vector512<uint> hashes, Vector512<uint> mask) =>
            Vector512.Equals(hashes & mask, Vector512<uint>.Zero).ExtractMostSignificantBits();

        private static (Vector512<byte> T0, Vector512<byte> T1, Vector512<byte> T2, Vector512<byte> T3) LoadPlane(
            int plane, ulong seed)
        {
            ref var start = ref Planes[plane * GearTable.Length];
            var xor = Vector512.Create((byte)(seed >> (8 * plane)));
            return (
                Vector512.LoadUnsafe(ref start) ^ xor,
                Vector512.LoadUnsafe(ref start, 64) ^ xor,
                Vector512.LoadUnsafe(ref start, 128) ^ xor,
                Vector512.LoadUnsafe(ref start, 192) ^ xor);
        }

        private static byte[] MakePlanes()
        {
            var planes = new byte[sizeof(uint) * GearTable.Length];
            for (var i = 0; i < planes.Length; i++)
                planes[i] = (byte)(GearTable.Values[i % GearTable.Length] >> (8 * (i / GearTable.Length)));
            return planes;
        }
    }
}
