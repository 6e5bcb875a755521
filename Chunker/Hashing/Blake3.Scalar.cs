using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ChunkOta.Chunking;

/// <content>One chunk or node at a time: the kernel of every machine, of short inputs, and of the tree's top.</content>
public static partial class Blake3
{
    internal static unsafe class ScalarKernel
    {
        /// <summary>Hashes one chunk.</summary>
        /// <param name="input">The chunk's first byte; not read when there is none.</param>
        /// <param name="length">0 to 1024 bytes; 0 only for the empty input.</param>
        /// <param name="counter">The chunk's index in the whole input.</param>
        /// <param name="lastFlags">0, or <see cref="RootNode"/> when this chunk is the whole input.</param>
        /// <param name="cv">Where the 8 words of its CV go.</param>
        [SkipLocalsInit]
        internal static void HashChunk(byte* input, int length, ulong counter, uint lastFlags, uint* cv)
        {
            var block = stackalloc uint[BlockWords];
            SetIv(cv);
            var flags = ChunkStart;
            for (; length > BlockBytes; length -= BlockBytes, input += BlockBytes)
            {
                LoadBlock(block, input);
                Compress(cv, block, BlockBytes, counter, flags);
                flags = 0;
            }

            var last = stackalloc byte[BlockBytes];
            var padded = new Span<byte>(last, BlockBytes);
            new ReadOnlySpan<byte>(input, length).CopyTo(padded);
            padded[length..].Clear();
            LoadBlock(block, last);
            Compress(cv, block, (uint)length, counter, flags | ChunkEnd | lastFlags);
        }

        /// <summary>Hashes one parent node.</summary>
        /// <param name="children">The CVs of its two children, 16 words.</param>
        /// <param name="lastFlags">0, or <see cref="RootNode"/> when this is the top of the tree.</param>
        /// <param name="cv">Where the 8 words of its CV go; may lie within the children.</param>
        [SkipLocalsInit]
        internal static void HashParent(uint* children, uint lastFlags, uint* cv)
        {
            var result = stackalloc uint[CvWords];
            SetIv(result);
            Compress(result, children, BlockBytes, 0, ParentNode | lastFlags);
            new ReadOnlySpan<uint>(result, CvWords).CopyTo(new Span<uint>(cv, CvWords));
        }

        private static void SetIv(uint* cv)
        {
            cv[0] = Iv0;
            cv[1] = Iv1;
            cv[2] = Iv2;
            cv[3] = Iv3;
            cv[4] = Iv4;
            cv[5] = Iv5;
            cv[6] = Iv6;
            cv[7] = Iv7;
        }

        private static void LoadBlock(uint* block, byte* input)
        {
            Unsafe.CopyBlockUnaligned(block, input, BlockBytes);
            if (BitConverter.IsLittleEndian)
                return;
            var words = new Span<uint>(block, BlockWords);
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        /// <summary>Seven rounds over one block; the CV is replaced by the next.</summary>
        private static void Compress(uint* cv, uint* block, uint blockLength, ulong counter, uint flags)
        {
            uint v0 = cv[0], v1 = cv[1], v2 = cv[2], v3 = cv[3], v4 = cv[4], v5 = cv[5], v6 = cv[6], v7 = cv[7];
            uint v8 = Iv0, v9 = Iv1, v10 = Iv2, v11 = Iv3;
            uint v12 = (uint)counter, v13 = (uint)(counter >> 32), v14 = blockLength, v15 = flags;

            ref var order = ref MemoryMarshal.GetReference(Schedule);
            for (nint at = 0; at < 7 * BlockWords; at += BlockWords)
            {
                ref var s = ref Unsafe.Add(ref order, at);
                Mix(ref v0, ref v4, ref v8, ref v12, block[s], block[Unsafe.Add(ref s, 1)]);
                Mix(ref v1, ref v5, ref v9, ref v13, block[Unsafe.Add(ref s, 2)], block[Unsafe.Add(ref s, 3)]);
                Mix(ref v2, ref v6, ref v10, ref v14, block[Unsafe.Add(ref s, 4)], block[Unsafe.Add(ref s, 5)]);
                Mix(ref v3, ref v7, ref v11, ref v15, block[Unsafe.Add(ref s, 6)], block[Unsafe.Add(ref s, 7)]);
                Mix(ref v0, ref v5, ref v10, ref v15, block[Unsafe.Add(ref s, 8)], block[Unsafe.Add(ref s, 9)]);
                Mix(ref v1, ref v6, ref v11, ref v12, block[Unsafe.Add(ref s, 10)], block[Unsafe.Add(ref s, 11)]);
                Mix(ref v2, ref v7, ref v8, ref v13, block[Unsafe.Add(ref s, 12)], block[Unsafe.Add(ref s, 13)]);
                Mix(ref v3, ref v4, ref v9, ref v14, block[Unsafe.Add(ref s, 14)], block[Unsafe.Add(ref s, 15)]);
            }

            cv[0] = v0 ^ v8;
            cv[1] = v1 ^ v9;
            cv[2] = v2 ^ v10;
            cv[3] = v3 ^ v11;
            cv[4] = v4 ^ v12;
            cv[5] = v5 ^ v13;
            cv[6] = v6 ^ v14;
            cv[7] = v7 ^ v15;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Mix(ref uint a, ref uint b, ref uint c, ref uint d, uint x, uint y)
        {
            a = a + b + x;
            d = BitOperations.RotateRight(d ^ a, 16);
            c += d;
            b = BitOperations.RotateRight(b ^ c, 12);
            a = a + b + y;
            d = BitOperations.RotateRight(d ^ a, 8);
            c += d;
            b = BitOperations.RotateRight(b ^ c, 7);
        }
    }
}
