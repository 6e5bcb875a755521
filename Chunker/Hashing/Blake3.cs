using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>BLAKE3 in its plain hash mode, 256 bits of output.</summary>
/// <remarks>
/// The result does not depend on the machine; the speed does: the widest kernel that the processor has is chosen
/// once, when the process starts.
/// </remarks>
public static partial class Blake3
{
    /// <summary>Computes the digest of bytes in memory. Allocates nothing; any number of callers at once.</summary>
    /// <param name="data">Any number of bytes, none included.</param>
    public static Digest Hash(ReadOnlySpan<byte> data) => Hash(data, WidestKernel);

    /// <summary>As <see cref="Hash(ReadOnlySpan{byte})"/>, by a kernel of the caller's choice.</summary>
    [SkipLocalsInit]
    internal static unsafe Digest Hash(ReadOnlySpan<byte> data, Kernel kernel)
    {
        fixed (byte* start = data)
        {
            if (data.Length <= ChunkBytes)
                return HashSingleChunk(start, data.Length);

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
