using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ChunkOta.Chunking;

/// <content>Four lanes by SSSE3 or NEON.</content>
public static partial class Blake3
{
    /// <summary>The 128-bit kernel: 4 chunks or nodes at once, one in each 32-bit lane.</summary>
    /// <remarks>
    /// The kernel of a Native AOT binary for every x64 processor: there, instruction sets up to SSE4.2 are asked for
    /// when it runs, AVX and later ones are not. As in the AVX2 kernel the third row of the state lives in memory: 1.9
    /// GiB/s on inputs of 64 KiB (one core of a Zen 5 EPYC, AVX off) against 1.1 GiB/s without; 1.6 GiB/s in a Native
    /// AOT binary, where the scalar kernel makes 0.8.
    /// </remarks>
    internal static unsafe class Vector128Kernel
    {
        /// <summary>Distance in bytes at which rows are prefetched: the next pass of chunks.</summary>
        private const int Ahead = 4 * ChunkBytes;

        /// <summary>True if this processor supports it.</summary>
        internal static bool IsSupported =>
            (Ssse3.IsSupported || AdvSimd.Arm64.IsSupported) && BitConverter.IsLittleEndian;

        /// <summary>Hashes 4 chunks or nodes.</summary>
        /// <param name="pass">The input, a row for each of the 4 lanes.</param>
        /// <param name="cvs">Receives the CVs of all 4 lanes, 8 words each.</param>
        [SkipLocalsInit]
        internal static void HashLanes(in Pass pass, uint* cvs)
        {
            var space = stackalloc byte[(BlockWords + 5) * Vector128<byte>.Count];
            var words = (byte*)(((nint)space + Vector128<byte>.Count - 1) & -Vector128<byte>.Count);
            var c = (Vector128<uint>*)(words + BlockWords * Vector128<byte>.Count);
            var shortCv = stackalloc uint[CvWords];
            var rows = pass.Rows;

            // The counters of the lanes, each in two words.
            var steps = Vector128<uint>.Indices * pass.CounterStep;
            var low = Vector128.Create((uint)pass.Counter) + steps;
            var carries = Vector128.LessThan(low, steps) & Vector128<uint>.One;
            var high = Vector128.Create((uint)(pass.Counter >> 32)) + carries;

            var h0 = Vector128.Create(Iv0);
            var h1 = Vector128.Create(Iv1);
            var h2 = Vector128.Create(Iv2);
            var h3 = Vector128.Create(Iv3);
            var h4 = Vector128.Create(Iv4);
            var h5 = Vector128.Create(Iv5);
            var h6 = Vector128.Create(Iv6);
            var h7 = Vector128.Create(Iv7);

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
                c[0] = Vector128.Create(Iv0);
                c[1] = Vector128.Create(Iv1);
                c[2] = Vector128.Create(Iv2);
                c[3] = Vector128.Create(Iv3);
                var v12 = low;
                var v13 = high;
                var v14 = Vector128.Create((uint)BlockBytes);
                var v15 = Vector128.Create(pass.FlagsOf(block));
                if (block == pass.ShortBlock)
                {
                    var isShort = Vector128.Equals(Vector128<uint>.Indices, Vector128.Create((uint)pass.ShortLane));
                    v14 = Vector128.ConditionalSelect(isShort, Vector128.Create(pass.ShortBytes), v14);
                    v15 |= isShort & Vector128.Create(pass.LastFlags);
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
        private static Vector128<uint> Word(byte* words, ref byte s, int i) =>
            Vector128.LoadAligned((uint*)(words + ((nint)Unsafe.Add(ref s, i) << 4)));

        /// <summary>Half a round: the four columns, or the four diagonals, side by side.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Mix(
            ref Vector128<uint> a0, ref Vector128<uint> a1, ref Vector128<uint> a2, ref Vector128<uint> a3,
            ref Vector128<uint> b0, ref Vector128<uint> b1, ref Vector128<uint> b2, ref Vector128<uint> b3,
            ref Vector128<uint> d0, ref Vector128<uint> d1, ref Vector128<uint> d2, ref Vector128<uint> d3,
            Vector128<uint>* c0, Vector128<uint>* c1, Vector128<uint>* c2, Vector128<uint>* c3,
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
        private static Vector128<uint> Add(Vector128<uint>* c, Vector128<uint> d) => *c += d;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<uint> Rotate16(Vector128<uint> x) =>
            Shuffle(x, Vector128.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<uint> Rotate12(Vector128<uint> x) => (x >>> 12) | (x << 20);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<uint> Rotate8(Vector128<uint> x) =>
            Shuffle(x, Vector128.Create((byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<uint> Rotate7(Vector128<uint> x) => (x >>> 7) | (x << 25);

        /// <summary>Loads a block of each lane and turns it, so that vector i holds word i of every lane.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void LoadTransposed(byte** rows, int offset, byte* words)
        {
            for (var i = 0; i < BlockBytes; i += Vector128<byte>.Count)
            {
                if (Sse.IsSupported)
                    Sse.Prefetch0(rows[i / Vector128<byte>.Count] + offset + Ahead);
                Transpose4(
                    Vector128.Load((uint*)(rows[0] + offset + i)),
                    Vector128.Load((uint*)(rows[1] + offset + i)),
                    Vector128.Load((uint*)(rows[2] + offset + i)),
                    Vector128.Load((uint*)(rows[3] + offset + i)),
                    out var w0, out var w1, out var w2, out var w3);
                var target = (uint*)(words + i * Vector128<uint>.Count);
                w0.StoreAligned(target);
                w1.StoreAligned(target + 4);
                w2.StoreAligned(target + 8);
                w3.StoreAligned(target + 12);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Transpose4(
            Vector128<uint> r0, Vector128<uint> r1, Vector128<uint> r2, Vector128<uint> r3,
            out Vector128<uint> w0, out Vector128<uint> w1, out Vector128<uint> w2, out Vector128<uint> w3)
        {
            var low01 = UnpackLow(r0, r1).AsUInt64();
            var high01 = UnpackHigh(r0, r1).AsUInt64();
            var low23 = UnpackLow(r2, r3).AsUInt64();
            var high23 = UnpackHigh(r2, r3).AsUInt64();
            w0 = UnpackLow(low01, low23).AsUInt32();
            w1 = UnpackHigh(low01, low23).AsUInt32();
            w2 = UnpackLow(high01, high23).AsUInt32();
            w3 = UnpackHigh(high01, high23).AsUInt32();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<uint> Shuffle(Vector128<uint> x, Vector128<byte> order) =>
            (Sse2.IsSupported ? Ssse3.Shuffle(x.AsByte(), order) : Vector128.Shuffle(x.AsByte(), order)).AsUInt32();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<uint> UnpackLow(Vector128<uint> a, Vector128<uint> b) =>
            Sse2.IsSupported ? Sse2.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<uint> UnpackHigh(Vector128<uint> a, Vector128<uint> b) =>
            Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<ulong> UnpackLow(Vector128<ulong> a, Vector128<ulong> b) =>
            Sse2.IsSupported ? Sse2.UnpackLow(a, b) : AdvSimd.Arm64.ZipLow(a, b);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<ulong> UnpackHigh(Vector128<ulong> a, Vector128<ulong> b) =>
            Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : AdvSimd.Arm64.ZipHigh(a, b);

        /// <summary>The CV of one lane in the middle of a pass; not inlined, as most passes never ask for it.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void StoreLane(
            Vector128<uint> w0, Vector128<uint> w1, Vector128<uint> w2, Vector128<uint> w3,
            Vector128<uint> w4, Vector128<uint> w5, Vector128<uint> w6, Vector128<uint> w7, int lane, uint* cv)
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
            Vector128<uint> w0, Vector128<uint> w1, Vector128<uint> w2, Vector128<uint> w3, uint* cvs)
        {
            Transpose4(w0, w1, w2, w3, out var r0, out var r1, out var r2, out var r3);
            r0.Store(cvs);
            r1.Store(cvs + CvWords);
            r2.Store(cvs + 2 * CvWords);
            r3.Store(cvs + 3 * CvWords);
        }
    }
}
