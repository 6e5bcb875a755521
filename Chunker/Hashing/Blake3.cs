using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>BLAKE3 in its plain hash mode, 256 bits of output.</summary>
/// <remarks>
/// The result does not depend on the machine, only the speed does: the widest kernel that the processor supports is
/// chosen once, when the process starts.
/// </remarks>
public static partial class Blake3
{
    /// <summary>Computes the digest of bytes in memory. Allocates nothing; any number of callers at once.</summary>
    /// <param name="data">Any number of bytes, including none.</param>
    public static unsafe Digest Hash(ReadOnlySpan<byte> data)
    {
        if (data.Length > ChunkBytes)
            return HashTree(WidestKernel, data);

        // Not the widest kernel: one chunk goes by rows in any case, and a native binary asks the processor each time.
        fixed (byte* start = data)
            return HashSingleChunk(Kernel.Rows, start, data.Length);
    }

    /// <summary>Computes the digest with a given kernel.</summary>
    internal static unsafe Digest Hash(ReadOnlySpan<byte> data, Kernel kernel)
    {
        if (data.Length > ChunkBytes)
            return HashTree(kernel, data);
        fixed (byte* start = data)
            return HashSingleChunk(kernel, start, data.Length);
    }

    /// <summary>The digest of an input of two chunks or more.</summary>
    [SkipLocalsInit]
    private static unsafe Digest HashTree(Kernel kernel, ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            var leaves = stackalloc uint[RunChunks * CvWords];
            var subtrees = stackalloc uint[MaxSubtrees * CvWords];
            ulong runs = 0;
            var input = start;
            var left = data.Length;
            for (; left > RunBytes; left -= RunBytes, input += RunBytes)
            {
                HashChunks(kernel, input, RunBytes, runs * RunChunks, leaves);
                PushRun(kernel, leaves, subtrees, ref runs);
            }

            var count = HashChunks(kernel, input, left, runs * RunChunks, leaves);
            return Root(kernel, leaves, count, subtrees, runs);
        }
    }
}
