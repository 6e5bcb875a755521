using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ChunkOta.Chunking;

/// <content>Spreads chunks and nodes over the lanes of the kernels, pass by pass.</content>
public static partial class Blake3
{
    private const int MostLanes = 16;

    /// <summary>The input of one pass: one chunk or node a lane, all block by block in step.</summary>
    /// <remarks>
    /// One lane may end early: <see cref="ShortLane"/>, with its last block padded by zeros. Lanes that nothing is
    /// left for repeat another's row; their CVs are written and not looked at.
    /// </remarks>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct Pass
    {
        /// <summary>The first block of each lane; the blocks of a lane follow each other.</summary>
        public byte** Rows;

        /// <summary>Blocks a lane, 1 to 16.</summary>
        public int Blocks;

        /// <summary>The counter of the first lane, and by how much it grows from lane to lane.</summary>
        public ulong Counter;
        public uint CounterStep;

        /// <summary>The flags of all blocks, and those that the first and the last one have besides.</summary>
        public uint Flags, FirstFlags, LastFlags;

        /// <summary>The lane that ends early, the index of its last block and the bytes in it; or -1, -1, 0.</summary>
        public int ShortLane, ShortBlock;
        public uint ShortBytes;

        /// <summary>The flags of all lanes in a block, the short lane's last one aside.</summary>
        public readonly uint FlagsOf(int block) =>
            Flags | (block == 0 ? FirstFlags : 0) | (block == Blocks - 1 ? LastFlags : 0);
    }

    /// <summary>Hashes the chunks of <paramref name="input"/> as leaves below a root; the last may be short.</summary>
    /// <param name="kernel">The kernel to use.</param>
    /// <param name="input">The first chunk's first byte.</param>
    /// <param name="length">Bytes, at least 1.</param>
    /// <param name="firstChunk">The first chunk's index in the whole input.</param>
    /// <param name="cvs">Receives the chunks' CVs, 8 words each.</param>
    /// <returns>The number of chunks.</returns>
    [SkipLocalsInit]
    internal static unsafe int HashChunks(Kernel kernel, byte* input, int length, ulong firstChunk, uint* cvs)
    {
        var rows = stackalloc byte*[MostLanes];
        var padded = stackalloc byte[ChunkBytes];
        var count = (length + ChunkBytes - 1) / ChunkBytes;
        var tail = length % ChunkBytes;
        var pass = new Pass
        {
            Rows = rows,
            Blocks = ChunkBytes / BlockBytes,
            CounterStep = 1,
            FirstFlags = ChunkStart,
            LastFlags = ChunkEnd,
        };
        for (var done = 0; done < count;)
        {
            var lanes = LanesFor(kernel, count - done);
            var used = Math.Min(count - done, lanes);
            var first = input + done * ChunkBytes;
            var target = cvs + done * CvWords;
            pass.Counter = firstChunk + (uint)done;
            done += used;
            if (used == 1)
            {
                var bytes = Math.Min(length - (done - 1) * ChunkBytes, ChunkBytes);
                HashChunk(kernel, first, bytes, pass.Counter, 0, target);
                continue;
            }

            for (var i = 0; i < lanes; i++)
                rows[i] = first + Math.Min(i, used - 1) * ChunkBytes;
            pass.ShortLane = pass.ShortBlock = -1;
            if (tail != 0 && done == count)
            {
                var scratch = new Span<byte>(padded, ChunkBytes);
                new ReadOnlySpan<byte>(rows[used - 1], tail).CopyTo(scratch);
                scratch[tail..].Clear();
                for (var i = used - 1; i < lanes; i++)
                    rows[i] = padded;
                pass.ShortLane = used - 1;
                pass.ShortBlock = (tail - 1) / BlockBytes;
                pass.ShortBytes = (uint)(tail - pass.ShortBlock * BlockBytes);
            }

            HashPass(kernel, lanes, pass, used, target);
        }

        return count;
    }

    /// <summary>Hashes parent nodes that are not the root.</summary>
    /// <param name="kernel">The kernel to use.</param>
    /// <param name="children">The CVs of their children, 16 words a node.</param>
    /// <param name="count">Nodes.</param>
    /// <param name="cvs">Receives the nodes' CVs, 8 words each; may start where the children's do.</param>
    [SkipLocalsInit]
    internal static unsafe void HashParents(Kernel kernel, uint* children, int count, uint* cvs)
    {
        var rows = stackalloc byte*[MostLanes];
        var pass = new Pass { Rows = rows, Blocks = 1, Flags = ParentNode, ShortLane = -1, ShortBlock = -1 };
        for (var done = 0; done < count;)
        {
            var lanes = LanesFor(kernel, count - done);
            var used = Math.Min(count - done, lanes);
            var first = children + done * BlockWords;
            var target = cvs + done * CvWords;
            done += used;
            if (used == 1)
            {
                HashParent(kernel, first, 0, target);
                continue;
            }

            for (var i = 0; i < lanes; i++)
                rows[i] = (byte*)(first + Math.Min(i, used - 1) * BlockWords);
            HashPass(kernel, lanes, pass, used, target);
        }
    }

    private static unsafe void HashChunk(
        Kernel kernel, byte* input, int length, ulong counter, uint lastFlags, uint* cv)
    {
        if (kernel == Kernel.Scalar || !RowKernel.IsSupported)
            ScalarKernel.HashChunk(input, length, counter, lastFlags, cv);
        else
            RowKernel.HashChunk(input, length, counter, lastFlags, cv);
    }

    private static unsafe void HashParent(Kernel kernel, uint* children, uint lastFlags, uint* cv)
    {
        if (kernel == Kernel.Scalar || !RowKernel.IsSupported)
            ScalarKernel.HashParent(children, lastFlags, cv);
        else
            RowKernel.HashParent(children, lastFlags, cv);
    }

    /// <summary>The lanes of the next pass, when <paramref name="count"/> chunks or nodes are left.</summary>
    /// <remarks>
    /// Rows take over for the last few: two passes by rows take less time than one of the kernel's own, three do not.
    /// </remarks>
    private static int LanesFor(Kernel kernel, int count)
    {
        var rowLanes = RowLanesOf(kernel);
        if (count == 1 || (RowKernel.IsSupported && count <= 2 * rowLanes))
            return Math.Min(rowLanes, (int)BitOperations.RoundUpToPowerOf2((uint)count));
        return LanesOf(kernel);
    }

    /// <summary>Hashes one pass and keeps the CVs of the lanes in use.</summary>
    [SkipLocalsInit]
    private static unsafe void HashPass(Kernel kernel, int lanes, in Pass pass, int used, uint* cvs)
    {
        var spare = stackalloc uint[MostLanes * CvWords];
        var target = used == lanes ? cvs : spare;
        switch (lanes)
        {
            case 16 when Avx512Kernel.IsSupported:
                Avx512Kernel.HashLanes(pass, target);
                break;
            case 16:
                NativeKernels.Hash16(pass, target);
                break;
            case 8 when Avx2Kernel.IsSupported:
                Avx2Kernel.HashLanes(pass, target);
                break;
            case 8:
                NativeKernels.Hash8(pass, target);
                break;
            case 4 when kernel == Kernel.Vector128:
                Vector128Kernel.HashLanes(pass, target);
                break;
            case 4:
                RowKernel.HashLanes<Row512>(pass, target);
                break;
            default:
                RowKernel.HashLanes<Row256>(pass, target);
                break;
        }

        if (target == spare)
            new ReadOnlySpan<uint>(spare, used * CvWords).CopyTo(new Span<uint>(cvs, used * CvWords));
    }
}
