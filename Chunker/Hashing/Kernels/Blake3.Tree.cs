using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <content>
/// The tree over the chunks, whichever kernel hashes its nodes.
/// <para>
/// Input is cut in chunks of 1024 bytes; a node has the chaining values (CV, 8 words) of two children as its block;
/// a left subtree holds the largest power of two of chunks that leaves something for the right one. Pairing
/// neighbours level by level, an odd last one going up unpaired, gives that same tree.
/// </para>
/// <para>
/// Leaves are gathered in runs of 256, and a run is reduced to one CV only when more input is known to follow: only
/// then is it surely not the root. The CVs of runs are merged as a binary counter carries, so their stack holds one
/// for each bit set in the number of runs, the largest subtree first.
/// </para>
/// </content>
public static partial class Blake3
{
    internal const int ChunkBytes = 1024;
    internal const int CvWords = 8;

    /// <summary>Leaves gathered before they are reduced: 8 KiB of CVs, in the first-level cache beside the input.
    /// </summary>
    internal const int RunChunks = 256;
    internal const int RunBytes = RunChunks * ChunkBytes;

    /// <summary>A CV for each bit of the number of runs that 2⁶³ bytes have.</summary>
    internal const int MaxSubtrees = 63 - 18;

    private const int BlockBytes = 64;
    private const int BlockWords = BlockBytes / sizeof(uint);

    private const uint ChunkStart = 1, ChunkEnd = 2, ParentNode = 4, RootNode = 8;

    private const uint Iv0 = 0x6A09E667, Iv1 = 0xBB67AE85, Iv2 = 0x3C6EF372, Iv3 = 0xA54FF53A;
    private const uint Iv4 = 0x510E527F, Iv5 = 0x9B05688C, Iv6 = 0x1F83D9AB, Iv7 = 0x5BE0CD19;

    /// <summary>The order of the block's words in each of the seven rounds.</summary>
    private static ReadOnlySpan<byte> Schedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
        3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1,
        10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6,
        12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4,
        9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7,
        11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13,
    ];

    /// <summary>The digest of an input of one chunk, which is leaf and root at once.</summary>
    [SkipLocalsInit]
    internal static unsafe Digest HashSingleChunk(Kernel kernel, byte* input, int length)
    {
        var cv = stackalloc uint[CvWords];
        HashChunk(kernel, input, length, 0, RootNode, cv);
        return ToDigest(cv);
    }

    /// <summary>Reduces a full run, which more input follows, and merges it into the stack of subtrees.</summary>
    internal static unsafe void PushRun(Kernel kernel, uint* leaves, uint* subtrees, ref ulong runs)
    {
        Reduce(kernel, leaves, RunChunks, 1);
        var depth = BitOperations.PopCount(runs);
        var pair = stackalloc uint[BlockWords];
        new ReadOnlySpan<uint>(leaves, CvWords).CopyTo(new Span<uint>(pair + CvWords, CvWords));
        for (var carries = BitOperations.TrailingZeroCount(++runs); carries > 0; carries--)
        {
            new ReadOnlySpan<uint>(subtrees + --depth * CvWords, CvWords).CopyTo(new Span<uint>(pair, CvWords));
            HashParent(kernel, pair, 0, pair + CvWords);
        }

        new ReadOnlySpan<uint>(pair + CvWords, CvWords).CopyTo(new Span<uint>(subtrees + depth * CvWords, CvWords));
    }

    /// <summary>The digest of the whole: the subtrees pushed, then the last leaves, two at least in all.</summary>
    internal static unsafe Digest Root(Kernel kernel, uint* leaves, int leafCount, uint* subtrees, ulong runs)
    {
        var depth = BitOperations.PopCount(runs);
        var pair = stackalloc uint[BlockWords];
        Reduce(kernel, leaves, leafCount, depth == 0 ? 2 : 1);
        if (depth == 0)
        {
            new ReadOnlySpan<uint>(leaves, BlockWords).CopyTo(new Span<uint>(pair, BlockWords));
            HashParent(kernel, pair, RootNode, pair + CvWords);
            return ToDigest(pair + CvWords);
        }

        new ReadOnlySpan<uint>(leaves, CvWords).CopyTo(new Span<uint>(pair + CvWords, CvWords));
        while (depth-- > 0)
        {
            new ReadOnlySpan<uint>(subtrees + depth * CvWords, CvWords).CopyTo(new Span<uint>(pair, CvWords));
            HashParent(kernel, pair, depth == 0 ? RootNode : 0, pair + CvWords);
        }

        return ToDigest(pair + CvWords);
    }

    /// <summary>Pairs neighbours in place, level by level, down to a number of them.</summary>
    private static unsafe void Reduce(Kernel kernel, uint* cvs, int count, int downTo)
    {
        while (count > downTo)
        {
            var parents = count / 2;
            HashParents(kernel, cvs, parents, cvs);
            if ((count & 1) != 0)
            {
                new ReadOnlySpan<uint>(cvs + (count - 1) * CvWords, CvWords)
                    .CopyTo(new Span<uint>(cvs + parents * CvWords, CvWords));
            }

            count -= parents;
        }
    }

    /// <summary>The digest of the root, whose words are made bytes in place.</summary>
    private static unsafe Digest ToDigest(uint* cv)
    {
        if (!BitConverter.IsLittleEndian)
        {
            var words = new Span<uint>(cv, CvWords);
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        return Digest.FromBytes(new ReadOnlySpan<byte>(cv, Digest.Size));
    }
}
