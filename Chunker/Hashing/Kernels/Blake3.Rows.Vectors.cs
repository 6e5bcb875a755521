using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChunkOta.Chunking;

/// <content>The vectors of the row kernel.</content>
public static partial class Blake3
{
    /// <summary>A row of states or blocks: four words for each of some chunks or nodes, the lanes.</summary>
    internal unsafe interface IRow<TSelf>
        where TSelf : struct, IRow<TSelf>
    {
        /// <summary>Chunks or nodes side by side.</summary>
        static abstract int Lanes { get; }

        /// <summary>The four words of a lane.</summary>
        Vector128<uint> this[int lane] { get; }

        /// <summary>The same four words in every lane.</summary>
        static abstract TSelf Create(Vector128<uint> words);

        /// <summary>Loads four words a lane, each from its own block.</summary>
        /// <param name="blocks">A pointer for each lane.</param>
        /// <param name="offset">Bytes from there to the first word.</param>
        static abstract TSelf Load(byte** blocks, int offset);

        /// <summary>Adds word by word, without carry.</summary>
        static abstract TSelf operator +(TSelf x, TSelf y);

        /// <summary>The exclusive or.</summary>
        static abstract TSelf operator ^(TSelf x, TSelf y);

        /// <summary>Rotates each word by 16, 12, 8 or 7 bits.</summary>
        static abstract TSelf RotateRight(TSelf x, [ConstantExpected] byte count);

        /// <summary>Takes words by their index, two bits each, the first in the lowest ones.</summary>
        static abstract TSelf Turn(TSelf x, [ConstantExpected] byte order);

        /// <summary>Takes two words of <paramref name="x"/>, then two of <paramref name="y"/>.</summary>
        /// <param name="order">Their indexes, as those of <see cref="Turn"/>.</param>
        static abstract TSelf Pick(TSelf x, TSelf y, [ConstantExpected] byte order);
    }

    /// <summary>A row of one lane, by SSSE3.</summary>
    internal readonly unsafe struct Row128(Vector128<uint> words) : IRow<Row128>
    {
        private readonly Vector128<uint> _words = words;

        public static int Lanes => 1;

        public Vector128<uint> this[int lane] => _words;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row128 Create(Vector128<uint> words) => new(words);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row128 Load(byte** blocks, int offset) => new(Vector128.Load((uint*)(blocks[0] + offset)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row128 operator +(Row128 x, Row128 y) => new(x._words + y._words);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row128 operator ^(Row128 x, Row128 y) => new(x._words ^ y._words);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row128 RotateRight(Row128 x, [ConstantExpected] byte count)
        {
            if (Avx512F.VL.IsSupported)
                return new(Avx512F.VL.RotateRight(x._words, count));
            return new(count switch
            {
                16 => Ssse3.Shuffle(x._words.AsByte(), Vector128.Create(
                    (byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsUInt32(),
                8 => Ssse3.Shuffle(x._words.AsByte(), Vector128.Create(
                    (byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)).AsUInt32(),
                _ => (x._words >>> count) | (x._words << (32 - count)),
            });
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row128 Turn(Row128 x, [ConstantExpected] byte order) => new(Sse2.Shuffle(x._words, order));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row128 Pick(Row128 x, Row128 y, [ConstantExpected] byte order) =>
            new(Sse.Shuffle(x._words.AsSingle(), y._words.AsSingle(), order).AsUInt32());
    }

    /// <summary>A row of two lanes, by AVX2.</summary>
    internal readonly unsafe struct Row256(Vector256<uint> words) : IRow<Row256>
    {
        private readonly Vector256<uint> _words = words;

        public static int Lanes => 2;

        public Vector128<uint> this[int lane] => lane == 0 ? _words.GetLower() : _words.GetUpper();

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row256 Create(Vector128<uint> words) => new(Vector256.Create(words, words));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row256 Load(byte** blocks, int offset) => new(Vector256.Create(
            Vector128.Load((uint*)(blocks[0] + offset)), Vector128.Load((uint*)(blocks[1] + offset))));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row256 operator +(Row256 x, Row256 y) => new(x._words + y._words);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row256 operator ^(Row256 x, Row256 y) => new(x._words ^ y._words);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row256 RotateRight(Row256 x, [ConstantExpected] byte count)
        {
            if (Avx512F.VL.IsSupported)
                return new(Avx512F.VL.RotateRight(x._words, count));
            return new(count switch
            {
                16 => Avx2.Shuffle(x._words.AsByte(), Vector256.Create(
                    (byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13,
                    2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsUInt32(),
                8 => Avx2.Shuffle(x._words.AsByte(), Vector256.Create(
                    (byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12,
                    1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)).AsUInt32(),
                _ => (x._words >>> count) | (x._words << (32 - count)),
            });
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row256 Turn(Row256 x, [ConstantExpected] byte order) => new(Avx2.Shuffle(x._words, order));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row256 Pick(Row256 x, Row256 y, [ConstantExpected] byte order) =>
            new(Avx.Shuffle(x._words.AsSingle(), y._words.AsSingle(), order).AsUInt32());
    }

    /// <summary>A row of four lanes, by AVX-512.</summary>
    internal readonly unsafe struct Row512(Vector512<uint> words) : IRow<Row512>
    {
        private readonly Vector512<uint> _words = words;

        public static int Lanes => 4;

        public Vector128<uint> this[int lane]
        {
            get
            {
                var half = lane < 2 ? _words.GetLower() : _words.GetUpper();
                return (lane & 1) == 0 ? half.GetLower() : half.GetUpper();
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row512 Create(Vector128<uint> words) =>
            new(Vector512.Create(Vector256.Create(words, words), Vector256.Create(words, words)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row512 Load(byte** blocks, int offset) => new(Vector512.Create(
            Vector256.Create(
                Vector128.Load((uint*)(blocks[0] + offset)), Vector128.Load((uint*)(blocks[1] + offset))),
            Vector256.Create(
                Vector128.Load((uint*)(blocks[2] + offset)), Vector128.Load((uint*)(blocks[3] + offset)))));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row512 operator +(Row512 x, Row512 y) => new(x._words + y._words);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row512 operator ^(Row512 x, Row512 y) => new(x._words ^ y._words);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row512 RotateRight(Row512 x, [ConstantExpected] byte count) =>
            new(Avx512F.RotateRight(x._words, count));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row512 Turn(Row512 x, [ConstantExpected] byte order) => new(Avx512F.Shuffle(x._words, order));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Row512 Pick(Row512 x, Row512 y, [ConstantExpected] byte order) =>
            new(Avx512F.Shuffle(x._words.AsSingle(), y._words.AsSingle(), order).AsUInt32());
    }
}
