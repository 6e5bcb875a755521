using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChunkOta.Chunking;

/// <content>Sixteen lanes by AVX-512.</content>
public static partial class Blake3
{
    /// <summary>The AVX-512 kernel: 16 chunks or nodes at once, one in each 32-bit lane.</summary>
    /// <remarks>
    /// The 16 words of the state stay in registers, the 16 words of the block are memory operands: nothing is spilled,
    /// and each rotation is one instruction. On one core of a Zen 5 EPYC (JIT, .NET 10) inputs of 64 KiB go by at
    /// 8.1 GiB/s, 10 times the scalar kernel. Turning the next block while this one is mixed gained nothing:
    /// the chain of dependent instructions is what takes the time.
    /// </remarks>
    internal static unsafe class Avx512Kernel
    {
        /// <summary>
        /// Distance in bytes at which rows are prefetched: the next pass of chunks. Chunks lie 1 KiB apart, which the
        /// processor does not take for one stream: inputs larger than the cache go by at 8.1 GiB/s instead of 4.0.
        /// </summary>
        private const int Ahead = 16 * ChunkBytes;

        /// <summary>True if this processor supports it.</summary>
        internal static bool IsSupported => Avx512F.IsSupported;

        /// <summary>Hashes 16 chunks or nodes.</summary>
        /// <param name="pass">The input, a row for each of the 16 lanes.</param>
        /// <param name="cvs">Receives the CVs of all 16 lanes, 8 words each.</param>
        [SkipLocalsInit]
        internal static void HashLanes(in Pass pass, uint* cvs)
        {
            var space = stackalloc byte[(BlockWords + 1) * Vector512<byte>.Count];
            var words = (byte*)(((nint)space + Vector512<byte>.Count - 1) & -Vector512<byte>.Count);
            var shortCv = stackalloc uint[CvWords];
            var rows = pass.Rows;

            // The counters of the lanes, each in two words.
            var steps = Vector512<uint>.Indices * pass.CounterStep;
            var low = Vector512.Create((uint)pass.Counter) + steps;
            var carries = Vector512.LessThan(low, steps) & Vector512<uint>.One;
            var high = Vector512.Create((uint)(pass.Counter >> 32)) + carries;

            var h0 = Vector512.Create(Iv0);
            var h1 = Vector512.Create(Iv1);
            var h2 = Vector512.Create(Iv2);
            var h3 = Vector512.Create(Iv3);
            var h4 = Vector512.Create(Iv4);
            var h5 = Vector512.Create(Iv5);
            var h6 = Vector512.Create(Iv6);
            var h7 = Vector512.Create(Iv7);

            for (var block = 0; block < pass.Blocks; block++)
            {
                LoadTransposed(rows, block * BlockBytes, words);

                var v0 = h0;
                var v1 = h1;
                var v2 = h2;
                var v3 = h3;
                var v4 = h4;
                var v5 = h5;
                var v6 = h6;
                var v7 = h7;
                var v8 = Vector512.Create(Iv0);
                var v9 = Vector512.Create(Iv1);
                var v10 = Vector512.Create(Iv2);
                var v11 = Vector512.Create(Iv3);
                var v12 = low;
                var v13 = high;
                var v14 = Vector512.Create((uint)BlockBytes);
                var v15 = Vector512.Create(pass.FlagsOf(block));
                if (block == pass.ShortBlock)
                {
                    var isShort = Vector512.Equals(Vector512<uint>.Indices, Vector512.Create((uint)pass.ShortLane));
                    v14 = Vector512.ConditionalSelect(isShort, Vector512.Create(pass.ShortBytes), v14);
                    v15 |= isShort & Vector512.Create(pass.LastFlags);
                }

                ref var order = ref MemoryMarshal.GetReference(Schedule);
                for (nint at = 0; at < 7 * BlockWords; at += BlockWords)
                {
                    ref var s = ref Unsafe.Add(ref order, at);
                    Mix(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7,
                        ref v8, ref v9, ref v10, ref v11, ref v12, ref v13, ref v14, ref v15, words, ref s);
                    s = ref Unsafe.Add(ref s, 8);
                    Mix(ref v0, ref v1, ref v2, ref v3, ref v5, ref v6, ref v7, ref v4,
                        ref v10, ref v11, ref v8, ref v9, ref v15, ref v12, ref v13, ref v14, words, ref s);
                }

                h0 = v0 ^ v8;
                h1 = v1 ^ v9;
                h2 = v2 ^ v10;
                h3 = v3 ^ v11;
                h4 = v4 ^ v12;
                h5 = v5 ^ v13;
                h6 = v6 ^ v14;
                h7 = v7 ^ v15;

                if (block == pass.ShortBlock)
                    StoreLane(h0, h1, h2, h3, h4, h5, h6, h7, pass.ShortLane, shortCv);
            }

            StoreTransposed(h0, h1, h2, h3, cvs);
            StoreTransposed(h4, h5, h6, h7, cvs + 4);
            if (pass.ShortLane >= 0)
            {
                new ReadOnlySpan<uint>(shortCv, CvWords)
                    .CopyTo(new Span<uint>(cvs + pass.ShortLane * CvWords, CvWords));
            }
        }

        /// <summary>Word <paramref name="i"/> of the round, of every lane.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector512<uint> Word(byte* words, ref byte s, int i) =>
            Vector512.LoadAligned((uint*)(words + ((nint)Unsafe.Add(ref s, i) << 6)));

        /// <summary>Half a round: the four columns, or the four diagonals, side by side.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Mix(
            ref Vector512<uint> a0, ref Vector512<uint> a1, ref Vector512<uint> a2, ref Vector512<uint> a3,
            ref Vector512<uint> b0, ref Vector512<uint> b1, ref Vector512<uint> b2, ref Vector512<uint> b3,
            ref Vector512<uint> c0, ref Vector512<uint> c1, ref Vector512<uint> c2, ref Vector512<uint> c3,
            ref Vector512<uint> d0, ref Vector512<uint> d1, ref Vector512<uint> d2, ref Vector512<uint> d3,
            byte* words, ref byte s)
        {
            a0 = a0 + Word(words, ref s, 0) + b0;
            a1 = a1 + Word(words, ref s, 2) + b1;
            a2 = a2 + Word(words, ref s, 4) + b2;
            a3 = a3 + Word(words, ref s, 6) + b3;
            d0 = Avx512F.RotateRight(d0 ^ a0, 16);
            d1 = Avx512F.RotateRight(d1 ^ a1, 16);
            d2 = Avx512F.RotateRight(d2 ^ a2, 16);
            d3 = Avx512F.RotateRight(d3 ^ a3, 16);
            c0 += d0;
            c1 += d1;
            c2 += d2;
            c3 += d3;
            b0 = Avx512F.RotateRight(b0 ^ c0, 12);
            b1 = Avx512F.RotateRight(b1 ^ c1, 12);
            b2 = Avx512F.RotateRight(b2 ^ c2, 12);
            b3 = Avx512F.RotateRight(b3 ^ c3, 12);
            a0 = a0 + Word(words, ref s, 1) + b0;
            a1 = a1 + Word(words, ref s, 3) + b1;
            a2 = a2 + Word(words, ref s, 5) + b2;
            a3 = a3 + Word(words, ref s, 7) + b3;
            d0 = Avx512F.RotateRight(d0 ^ a0, 8);
            d1 = Avx512F.RotateRight(d1 ^ a1, 8);
            d2 = Avx512F.RotateRight(d2 ^ a2, 8);
            d3 = Avx512F.RotateRight(d3 ^ a3, 8);
            c0 += d0;
            c1 += d1;
            c2 += d2;
            c3 += d3;
            b0 = Avx512F.RotateRight(b0 ^ c0, 7);
            b1 = Avx512F.RotateRight(b1 ^ c1, 7);
            b2 = Avx512F.RotateRight(b2 ^ c2, 7);
            b3 = Avx512F.RotateRight(b3 ^ c3, 7);
        }

        /// <summary>Loads a block of each lane and turns it, so that vector i holds word i of every lane.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void LoadTransposed(byte** rows, int offset, byte* words)
        {
            Transpose4(rows, 0, offset, out var a0, out var a1, out var a2, out var a3);
            Transpose4(rows, 4, offset, out var b0, out var b1, out var b2, out var b3);
            Transpose4(rows, 8, offset, out var c0, out var c1, out var c2, out var c3);
            Transpose4(rows, 12, offset, out var d0, out var d1, out var d2, out var d3);
            Gather4(a0, b0, c0, d0, words);
            Gather4(a1, b1, c1, d1, words + 64);
            Gather4(a2, b2, c2, d2, words + 128);
            Gather4(a3, b3, c3, d3, words + 192);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Transpose4(
            byte** rows, int first, int offset,
            out Vector512<uint> w0, out Vector512<uint> w1, out Vector512<uint> w2, out Vector512<uint> w3)
        {
            var r0 = Vector512.Load((uint*)(rows[first] + offset));
            var r1 = Vector512.Load((uint*)(rows[first + 1] + offset));
            var r2 = Vector512.Load((uint*)(rows[first + 2] + offset));
            var r3 = Vector512.Load((uint*)(rows[first + 3] + offset));
            Sse.Prefetch0(rows[first] + offset + Ahead);
            Sse.Prefetch0(rows[first + 1] + offset + Ahead);
            Sse.Prefetch0(rows[first + 2] + offset + Ahead);
            Sse.Prefetch0(rows[first + 3] + offset + Ahead);
            Transpose4(r0, r1, r2, r3, out w0, out w1, out w2, out w3);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Transpose4(
            Vector512<uint> r0, Vector512<uint> r1, Vector512<uint> r2, Vector512<uint> r3,
            out Vector512<uint> w0, out Vector512<uint> w1, out Vector512<uint> w2, out Vector512<uint> w3)
        {
            var low01 = Avx512F.UnpackLow(r0, r1).AsUInt64();
            var high01 = Avx512F.UnpackHigh(r0, r1).AsUInt64();
            var low23 = Avx512F.UnpackLow(r2, r3).AsUInt64();
            var high23 = Avx512F.UnpackHigh(r2, r3).AsUInt64();
            w0 = Avx512F.UnpackLow(low01, low23).AsUInt32();
            w1 = Avx512F.UnpackHigh(low01, low23).AsUInt32();
            w2 = Avx512F.UnpackLow(high01, high23).AsUInt32();
            w3 = Avx512F.UnpackHigh(high01, high23).AsUInt32();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Gather4(
            Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d, byte* words)
        {
            var ab02 = Avx512F.Shuffle4x128(a, b, 0b10_00_10_00);
            var ab13 = Avx512F.Shuffle4x128(a, b, 0b11_01_11_01);
            var cd02 = Avx512F.Shuffle4x128(c, d, 0b10_00_10_00);
            var cd13 = Avx512F.Shuffle4x128(c, d, 0b11_01_11_01);
            Avx512F.Shuffle4x128(ab02, cd02, 0b10_00_10_00).StoreAligned((uint*)words);
            Avx512F.Shuffle4x128(ab13, cd13, 0b10_00_10_00).StoreAligned((uint*)(words + 256));
            Avx512F.Shuffle4x128(ab02, cd02, 0b11_01_11_01).StoreAligned((uint*)(words + 512));
            Avx512F.Shuffle4x128(ab13, cd13, 0b11_01_11_01).StoreAligned((uint*)(words + 768));
        }

        /// <summary>The CV of one lane in the middle of a pass; not inlined, as most passes never ask for it.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void StoreLane(
            Vector512<uint> w0, Vector512<uint> w1, Vector512<uint> w2, Vector512<uint> w3,
            Vector512<uint> w4, Vector512<uint> w5, Vector512<uint> w6, Vector512<uint> w7, int lane, uint* cv)
        {
            cv[0] = w0.GetElement(lane);
            cv[1] = w1.GetElement(lane);
            cv[2] = w2.GetElement(lane);
            cv[3] = w3.GetElement(lane);
            cv[4] = w4.GetElement(lane);
            cv[5] = w5.GetElement(lane);
            cv[6] = w6.GetElement(lane);
            cv[7] = w7.GetElement(lane);
        }

        /// <summary>Four words of the CV of every lane, turned back to where the lanes' CVs lie.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void StoreTransposed(
            Vector512<uint> w0, Vector512<uint> w1, Vector512<uint> w2, Vector512<uint> w3, uint* cvs)
        {
            Transpose4(w0, w1, w2, w3, out var r0, out var r1, out var r2, out var r3);
            Scatter4(r0, cvs);
            Scatter4(r1, cvs + CvWords);
            Scatter4(r2, cvs + 2 * CvWords);
            Scatter4(r3, cvs + 3 * CvWords);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Scatter4(Vector512<uint> r, uint* cvs)
        {
            Avx512F.ExtractVector128(r, 0).Store(cvs);
            Avx512F.ExtractVector128(r, 1).Store(cvs + 4 * CvWords);
            Avx512F.ExtractVector128(r, 2).Store(cvs + 8 * CvWords);
            Avx512F.ExtractVector128(r, 3).Store(cvs + 12 * CvWords);
        }
    }
}
