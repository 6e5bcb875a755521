using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChunkOta.Chunking;

/// <content>One, two or four chunks or nodes at a time, each row of a state in one vector.</content>
public static partial class Blake3
{
    /// <summary>The row kernel: the rows of a state lie in four vectors, so four words are mixed at once.</summary>
    /// <remarks>
    /// It hashes one chunk or node, or two or four whose rows lie side by side in wider vectors. Its time is the
    /// latency of one chain of dependent instructions. So the second row, which is ready last, stays in place, and the
    /// other three turn around it while the chain goes on. One chunk takes 1.0 µs, against 1.6 µs by the scalar kernel.
    /// Two take 1.1 µs together and four 1.3 µs, against 2.9 µs for a pass of the AVX-512 kernel (one core of an
    /// Emerald Rapids Xeon, JIT, .NET 10).
    /// <para>
    /// It is for x86 only. NEON has no rotation of 32-bit words, and its instructions have twice the latency of scalar
    /// ones: there, the reference implementation hashes single blocks by scalar code as well.
    /// </para>
    /// <para>
    /// The methods that mix are never inlined and compiled once, at full optimization. Inlined, they exceed the budget
    /// of the compiler, which then leaves calls within the rounds: 270 ns a block instead of 60.
    /// </para>
    /// </remarks>
    internal static unsafe class RowKernel
    {
        private const int RowBytes = BlockBytes / 4;

        private const MethodImplOptions CompiledInFull =
            MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;

        /// <summary>True if this processor supports it, with at least one lane.</summary>
        internal static bool IsSupported => Ssse3.IsSupported;

        /// <summary>Indexes of the 16 bytes of a row, then 16 that select a zero.</summary>
        private static ReadOnlySpan<byte> Slide =>
        [
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
            255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        ];

        /// <summary>As <see cref="ScalarKernel.HashChunk"/>.</summary>
        [SkipLocalsInit]
        [MethodImpl(CompiledInFull)]
        internal static void HashChunk(byte* input, int length, ulong counter, uint lastFlags, uint* cv)
        {
            SetIv(out Row128 low, out var high);
            Row128 m0, m1, m2, m3;
            var flags = ChunkStart;
            for (var left = length; ; left -= BlockBytes, input += BlockBytes)
            {
                if (left >= BlockBytes)
                {
                    LoadBlock(&input, 0, out m0, out m1, out m2, out m3);
                }
                else
                {
                    LoadShortBlock(input, left, length, out var padded);
                    m0 = new(padded[0]);
                    m1 = new(padded[1]);
                    m2 = new(padded[2]);
                    m3 = new(padded[3]);
                }

                var isLast = left <= BlockBytes;
                flags |= isLast ? ChunkEnd | lastFlags : 0;
                var blockLength = (uint)Math.Min(left, BlockBytes);
                Compress(ref low, ref high, m0, m1, m2, m3,
                    new(Vector128.Create((uint)counter, (uint)(counter >> 32), blockLength, flags)));
                if (isLast)
                    break;
                flags = 0;
            }

            StoreCv(low, high, 0, cv);
        }

        /// <summary>As <see cref="ScalarKernel.HashParent"/>.</summary>
        [MethodImpl(CompiledInFull)]
        internal static void HashParent(uint* children, uint lastFlags, uint* cv)
        {
            var block = (byte*)children;
            SetIv(out Row128 low, out var high);
            LoadBlock(&block, 0, out Row128 m0, out var m1, out var m2, out var m3);
            Compress(ref low, ref high, m0, m1, m2, m3,
                new(Vector128.Create(0, 0, BlockBytes, ParentNode | lastFlags)));
            StoreCv(low, high, 0, cv);
        }

        /// <summary>Hashes as many chunks or nodes as a row has lanes.</summary>
        /// <param name="pass">The input, a row of <see cref="Pass.Rows"/> for each lane.</param>
        /// <param name="cvs">Receives the CVs of all lanes, 8 words each.</param>
        [SkipLocalsInit]
        [MethodImpl(CompiledInFull)]
        internal static void HashLanes<TRow>(in Pass pass, uint* cvs)
            where TRow : struct, IRow<TRow>
        {
            var tails = stackalloc Vector128<uint>[TRow.Lanes];
            var shortCv = stackalloc uint[CvWords];

            // The fourth row: the counter in two words, the length of the block, its flags.
            for (var lane = 0; lane < TRow.Lanes; lane++)
                tails[lane] = Vector128.Create(pass.Counter + (uint)lane * pass.CounterStep, BlockBytes).AsUInt32();
            var counters = LoadTails<TRow>(tails);

            SetIv(out TRow low, out var high);
            for (var block = 0; block < pass.Blocks; block++)
            {
                var d = counters ^ TRow.Create(Vector128.Create(0, 0, 0, pass.FlagsOf(block)));
                if (block == pass.ShortBlock)
                {
                    for (var lane = 0; lane < TRow.Lanes; lane++)
                        tails[lane] = d[lane];
                    tails[pass.ShortLane] = tails[pass.ShortLane].WithElement(2, pass.ShortBytes)
                        | Vector128.Create(0, 0, 0, pass.LastFlags);
                    d = LoadTails<TRow>(tails);
                }

                LoadBlock<TRow>(pass.Rows, block * BlockBytes, out var m0, out var m1, out var m2, out var m3);
                Compress(ref low, ref high, m0, m1, m2, m3, d);
                if (block == pass.ShortBlock)
                    StoreCv(low, high, pass.ShortLane, shortCv);
            }

            for (var lane = 0; lane < TRow.Lanes; lane++)
                StoreCv(low, high, lane, cvs + lane * CvWords);
            if (pass.ShortLane >= 0)
            {
                new ReadOnlySpan<uint>(shortCv, CvWords)
                    .CopyTo(new Span<uint>(cvs + pass.ShortLane * CvWords, CvWords));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void SetIv<TRow>(out TRow low, out TRow high)
            where TRow : struct, IRow<TRow>
        {
            low = TRow.Create(Vector128.Create(Iv0, Iv1, Iv2, Iv3));
            high = TRow.Create(Vector128.Create(Iv4, Iv5, Iv6, Iv7));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void LoadBlock<TRow>(
            byte** blocks, int offset, out TRow m0, out TRow m1, out TRow m2, out TRow m3)
            where TRow : struct, IRow<TRow>
        {
            m0 = TRow.Load(blocks, offset);
            m1 = TRow.Load(blocks, offset + RowBytes);
            m2 = TRow.Load(blocks, offset + 2 * RowBytes);
            m3 = TRow.Load(blocks, offset + 3 * RowBytes);
        }

        /// <summary>Loads the last block of a chunk, of fewer than 64 bytes, and pads it with zeros.</summary>
        /// <remarks>
        /// Rows are stored whole, as they are loaded afterwards. The processor cannot forward a copy of another width
        /// to these loads, and waiting for the cache takes half as long as hashing the block.
        /// </remarks>
        private static void LoadShortBlock(byte* block, int length, int chunkLength, out PaddedBlock padded)
        {
            padded = default;
            var row = 0;
            for (; length >= RowBytes; length -= RowBytes, block += RowBytes)
                padded[row++] = Vector128.Load((uint*)block);
            if (length == 0)
                return;
            if (chunkLength >= RowBytes)
            {
                // The last 16 bytes of the chunk, moved down so that this row's come first and zeros follow.
                var order = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(Slide), (nuint)(RowBytes - length));
                padded[row] = Ssse3.Shuffle(Vector128.Load(block + length - RowBytes), order).AsUInt32();
            }
            else
            {
                new ReadOnlySpan<byte>(block, length).CopyTo(MemoryMarshal.AsBytes((Span<Vector128<uint>>)padded));
            }
        }

        /// <summary>Seven rounds over one block of each lane; the CV is replaced by the next.</summary>
        /// <param name="low">The first four words of the CV.</param>
        /// <param name="high">The last four words of the CV.</param>
        /// <param name="m0">The words 0 to 3 of the block; the next ones follow.</param>
        /// <param name="d">The fourth row of the state.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Compress<TRow>(
            ref TRow low, ref TRow high, TRow m0, TRow m1, TRow m2, TRow m3, TRow d)
            where TRow : struct, IRow<TRow>
        {
            var a = low;
            var b = high;
            var c = TRow.Create(Vector128.Create(Iv0, Iv1, Iv2, Iv3));

            // The words that the columns mix in first (x) and second (y), and likewise the diagonals (z, w). Diagonals
            // are in the order of the second row, the last one first: z is words 14, 8, 10, 12 of the schedule.
            var x = TRow.Pick(m0, m1, 0b10_00_10_00);
            var y = TRow.Pick(m0, m1, 0b11_01_11_01);
            var z = TRow.Turn(TRow.Pick(m2, m3, 0b10_00_10_00), 0b10_01_00_11);
            var w = TRow.Turn(TRow.Pick(m2, m3, 0b11_01_11_01), 0b10_01_00_11);
            Round(ref a, ref b, ref c, ref d, x, y, z, w);
            for (var round = 1; round < 7; round++)
            {
                // The same permutation leads from each round's words to those of the next.
                var nextX = TRow.Turn(TRow.Pick(x, y, 0b11_01_10_01), 0b01_11_10_00);
                var nextY = TRow.Pick(TRow.Pick(x, z, 0b10_10_11_11), TRow.Pick(x, w, 0b11_11_00_00), 0b10_00_10_00);
                var nextZ = TRow.Pick(TRow.Pick(w, y, 0b00_00_00_00), TRow.Pick(z, w, 0b01_01_11_11), 0b10_00_10_00);
                w = TRow.Pick(TRow.Pick(z, w, 0b10_10_01_01), TRow.Pick(y, z, 0b00_00_10_10), 0b10_00_10_00);
                x = nextX;
                y = nextY;
                z = nextZ;
                Round(ref a, ref b, ref c, ref d, x, y, z, w);
            }

            low = a ^ c;
            high = b ^ d;
        }

        /// <summary>The columns, then the diagonals: the rows turn around the second one, and back.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Round<TRow>(
            ref TRow a, ref TRow b, ref TRow c, ref TRow d, TRow x, TRow y, TRow z, TRow w)
            where TRow : struct, IRow<TRow>
        {
            Mix(ref a, ref b, ref c, ref d, x, y);
            a = TRow.Turn(a, 0b10_01_00_11);
            c = TRow.Turn(c, 0b00_11_10_01);
            d = TRow.Turn(d, 0b01_00_11_10);
            Mix(ref a, ref b, ref c, ref d, z, w);
            a = TRow.Turn(a, 0b00_11_10_01);
            c = TRow.Turn(c, 0b10_01_00_11);
            d = TRow.Turn(d, 0b01_00_11_10);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Mix<TRow>(ref TRow a, ref TRow b, ref TRow c, ref TRow d, TRow x, TRow y)
            where TRow : struct, IRow<TRow>
        {
            a = a + x + b;
            d = TRow.RotateRight(d ^ a, 16);
            c += d;
            b = TRow.RotateRight(b ^ c, 12);
            a = a + y + b;
            d = TRow.RotateRight(d ^ a, 8);
            c += d;
            b = TRow.RotateRight(b ^ c, 7);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static TRow LoadTails<TRow>(Vector128<uint>* tails)
            where TRow : struct, IRow<TRow>
        {
            var rows = stackalloc byte*[TRow.Lanes];
            for (var lane = 0; lane < TRow.Lanes; lane++)
                rows[lane] = (byte*)(tails + lane);
            return TRow.Load(rows, 0);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void StoreCv<TRow>(TRow low, TRow high, int lane, uint* cv)
            where TRow : struct, IRow<TRow>
        {
            low[lane].Store(cv);
            high[lane].Store(cv + CvWords / 2);
        }

        [InlineArray(4)]
        private struct PaddedBlock
        {
            private Vector128<uint> _row;
        }
    }
}
