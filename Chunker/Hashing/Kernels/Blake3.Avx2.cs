using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChunkOta.Chunking;

/// <content>Eight lanes by AVX2.</content>
public static partial class Blake3
{
    /// <summary>The AVX2 kernel: 8 chunks or nodes at once, one in each 32-bit lane.</summary>
    /// <remarks>
    /// There are 16 registers for 16 words of state and what a rotation needs besides. So the third row of the state
    /// lives in memory, where its next use is far enough away not to be waited for: 3.6 GiB/s on inputs of 64 KiB (one
    /// core of a Zen 5 EPYC, AVX-512 off) against 2.1 GiB/s when the compiler chose what to spill.
    /// </remarks>
    internal static unsafe class Avx2Kernel
    {
        /// <summary>
        /// Distance in bytes at which rows are prefetched: the next pass of chunks. Chunks lie 1 KiB apart, which the
        /// processor does not take for one stream: inputs larger than the cache go by at 3.6 GiB/s instead of 2.8.
        /// </summary>
        private const int Ahead = 8 * ChunkBytes;

        /// <summary>True if this processor supports it.</summary>
        internal static bool IsSupported => Avx2.IsSupported;

        /// <summary>Hashes 8 chunks or nodes.</summary>
        /// <param name="pass">The input, a row for each of the 8 lanes.</param>
        /// <param name="cvs">Receives the CVs of all 8 lanes, 8 words each.</param>
        [SkipLocalsInit]
        internal static void HashLanes(in Pass pass, uint* cvs)
        {
            var space = stackalloc byte[(BlockWords + 5) * Vector256<byte>.Count];
            var words = (byte*)(((nint)space + Vector256<byte>.Count - 1) & -Vector256<byte>.Count);
            var c = (Vector256<uint>*)(words + BlockWords * Vector256<byte>.Count);
            var shortCv = stackalloc uint[CvWords];
            var rows = pass.Rows;

            // The counters of the lanes, each in two words.
            var steps = Vector256<uint>.Indices * pass.CounterStep;
            var low = Vector256.Create((uint)pass.Counter) + steps;
            var carries = Vector256.LessThan(low, steps) & Vector256<uint>.One;
            var high = Vector256.Create((uint)(pass.Counter >> 32)) + carries;

            var h0 = Vector256.Create(Iv0);
            var h1 = Vector256.Create(Iv1);
            var h2 = Vector256.Create(Iv2);
            var h3 = Vector256.Create(Iv3);
            var h4 = Vector256.Create(Iv4);
            var h5 = Vector256.Create(Iv5);
            var h6 = Vector256.Create(Iv6);
            var h7 = Vector256.Create(Iv7);

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
                c[0] = Vector256.Create(Iv0);
                c[1] = Vector256.Create(Iv1);
                c[2] = Vector256.Create(Iv2);
                c[3] = Vector256.Create(Iv3);
                var v12 = low;
                var v13 = high;
                var v14 = Vector256.Create((uint)BlockBytes);
                var v15 = Vector256.Create(pass.FlagsOf(block));
                if (block == pass.ShortBlock)
                {
                    var isShort = Vector256.Equals(Vector256<uint>.Indices, Vector256.Create((uint)pass.ShortLane));
                    v14 = Vector256.ConditionalSelect(isShort, Vector256.Create(pass.ShortBytes), v14);
                    v15 |= isShort & Vector256.Create(pass.LastFlags);
                }

                ref var order = ref MemoryMarshal.GetReference(Schedule);
                for (nint at = 0; at < 7 * BlockWords; at += BlockWords)
                {
                    ref var s = ref Unsafe.Add(ref order, at);
                    Mix(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7,
                        ref v12, ref v13, ref v14, ref v15, c, c + 1, c + 2, c + 3, words, ref s);
                    s = ref Unsafe.Add(ref s, 8);
                    Mix(ref v0, ref v1, ref v2, ref v3, ref v5, ref v6, ref v7, ref v4,
                        ref v15, ref v12, ref v13, ref v14, c + 2, c + 3, c, c + 1, words, ref s);
                }

                h0 = v0 ^ c[0];
                h1 = v1 ^ c[1];
                h2 = v2 ^ c[2];
                h3 = v3 ^ c[3];
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
        private static Vector256<uint> Word(byte* words, ref byte s, int i) =>
            Vector256.LoadAligned((uint*)(words + ((nint)Unsafe.Add(ref s, i) << 5)));

        /// <summary>Half a round: the four columns, or the four diagonals, side by side.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Mix(
            ref Vector256<uint> a0, ref Vector256<uint> a1, ref Vector256<uint> a2, ref Vector256<uint> a3,
            ref Vector256<uint> b0, ref Vector256<uint> b1, ref Vector256<uint> b2, ref Vector256<uint> b3,
            ref Vector256<uint> d0, ref Vector256<uint> d1, ref Vector256<uint> d2, ref Vector256<uint> d3,
            Vector256<uint>* c0, Vector256<uint>* c1, Vector256<uint>* c2, Vector256<uint>* c3,
            byte* words, ref byte s)
        {
            a0 = a0 + Word(words, ref s, 0) + b0;
            a1 = a1 + Word(words, ref s, 2) + b1;
            a2 = a2 + Word(words, ref s, 4) + b2;
            a3 = a3 + Word(words, ref s, 6) + b3;
            d0 = Rotate16(d0 ^ a0);
            d1 = Rotate16(d1 ^ a1);
            d2 = Rotate16(d2 ^ a2);
            d3 = Rotate16(d3 ^ a3);
            b0 = Rotate12(b0 ^ Add(c0, d0));
            b1 = Rotate12(b1 ^ Add(c1, d1));
            b2 = Rotate12(b2 ^ Add(c2, d2));
            b3 = Rotate12(b3 ^ Add(c3, d3));
            a0 = a0 + Word(words, ref s, 1) + b0;
            a1 = a1 + Word(words, ref s, 3) + b1;
            a2 = a2 + Word(words, ref s, 5) + b2;
            a3 = a3 + Word(words, ref s, 7) + b3;
            d0 = Rotate8(d0 ^ a0);
            d1 = Rotate8(d1 ^ a1);
            d2 = Rotate8(d2 ^ a2);
            d3 = Rotate8(d3 ^ a3);
            b0 = Rotate7(b0 ^ Add(c0, d0));
            b1 = Rotate7(b1 ^ Add(c1, d1));
            b2 = Rotate7(b2 ^ Add(c2, d2));
            b3 = Rotate7(b3 ^ Add(c3, d3));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<uint> Add(Vector256<uint>* c, Vector256<uint> d) => *c += d;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<uint> Rotate16(Vector256<uint> x) => Avx2.Shuffle(x.AsByte(), Vector256.Create(
            (byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13,
            2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsUInt32();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<uint> Rotate12(Vector256<uint> x) => (x >>> 12) | (x << 20);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<uint> Rotate8(Vector256<uint> x) => Avx2.Shuffle(x.AsByte(), Vector256.Create(
            (byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12,
            1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)).AsUInt32();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<uint> Rotate7(Vector256<uint> x) => (x >>> 7) | (x << 25);

        /// <summary>Loads a block of each lane and turns it, so that vector i holds word i of every lane.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void LoadTransposed(byte** rows, int offset, byte* words)
        {
            LoadHalf(rows, offset, words);
            LoadHalf(rows, offset + 32, words + 256);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void LoadHalf(byte** rows, int offset, byte* words)
        {
            Transpose4(rows, 0, offset, out var a0, out var a1, out var a2, out var a3);
            Transpose4(rows, 4, offset, out var b0, out var b1, out var b2, out var b3);
            Avx2.Permute2x128(a0, b0, 0x20).StoreAligned((uint*)words);
            Avx2.Permute2x128(a1, b1, 0x20).StoreAligned((uint*)(words + 32));
            Avx2.Permute2x128(a2, b2, 0x20).StoreAligned((uint*)(words + 64));
            Avx2.Permute2x128(a3, b3, 0x20).StoreAligned((uint*)(words + 96));
            Avx2.Permute2x128(a0, b0, 0x31).StoreAligned((uint*)(words + 128));
            Avx2.Permute2x128(a1, b1, 0x31).StoreAligned((uint*)(words + 160));
            Avx2.Permute2x128(a2, b2, 0x31).StoreAligned((uint*)(words + 192));
            Avx2.Permute2x128(a3, b3, 0x31).StoreAligned((uint*)(words + 224));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Transpose4(
            byte** rows, int first, int offset,
            out Vector256<uint> w0, out Vector256<uint> w1, out Vector256<uint> w2, out Vector256<uint> w3)
        {
            Sse.Prefetch0(rows[first] + offset + Ahead);
            Sse.Prefetch0(rows[first + 1] + offset + Ahead);
            Sse.Prefetch0(rows[first + 2] + offset + Ahead);
            Sse.Prefetch0(rows[first + 3] + offset + Ahead);
            var r0 = Vector256.Load((uint*)(rows[first] + offset));
            var r1 = Vector256.Load((uint*)(rows[first + 1] + offset));
            var r2 = Vector256.Load((uint*)(rows[first + 2] + offset));
            var r3 = Vector256.Load((uint*)(rows[first + 3] + offset));
            Transpose4(r0, r1, r2, r3, out w0, out w1, out w2, out w3);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Transpose4(
            Vector256<uint> r0, Vector256<uint> r1, Vector256<uint> r2, Vector256<uint> r3,
            out Vector256<uint> w0, out Vector256<uint> w1, out Vector256<uint> w2, out Vector256<uint> w3)
        {
            var low01 = Avx2.UnpackLow(r0, r1).AsUInt64();
            var high01 = Avx2.UnpackHigh(r0, r1).AsUInt64();
            var low23 = Avx2.UnpackLow(r2, r3).AsUInt64();
            var high23 = Avx2.UnpackHigh(r2, r3).AsUInt64();
            w0 = Avx2.UnpackLow(low01, low23).AsUInt32();
            w1 = Avx2.UnpackHigh(low01, low23).AsUInt32();
            w2 = Avx2.UnpackLow(high01, high23).AsUInt32();
            w3 = Avx2.UnpackHigh(high01, high23).AsUInt32();
        }

        /// <summary>The CV of one lane in the middle of a pass; not inlined, as most passes never ask for it.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void StoreLane(
            Vector256<uint> w0, Vector256<uint> w1, Vector256<uint> w2, Vector256<uint> w3,
            Vector256<uint> w4, Vector256<uint> w5, Vector256<uint> w6, Vector256<uint> w7, int lane, uint* cv)
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
            Vector256<uint> w0, Vector256<uint> w1, Vector256<uint> w2, Vector256<uint> w3, uint* cvs)
        {
            Transpose4(w0, w1, w2, w3, out var r0, out var r1, out var r2, out var r3);
            r0.GetLower().Store(cvs);
            r1.GetLower().Store(cvs + CvWords);
            r2.GetLower().Store(cvs + 2 * CvWords);
            r3.GetLower().Store(cvs + 3 * CvWords);
            r0.GetUpper().Store(cvs + 4 * CvWords);
            r1.GetUpper().Store(cvs + 5 * CvWords);
            r2.GetUpper().Store(cvs + 6 * CvWords);
            r3.GetUpper().Store(cvs + 7 * CvWords);
        }
    }
}
