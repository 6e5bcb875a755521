using System.Runtime.InteropServices;

namespace ChunkOta.Durable;

/// <summary>How the C library keeps memory that native code has freed.</summary>
public static partial class NativeHeap
{
    /// <summary>M_MMAP_THRESHOLD of mallopt.</summary>
    private const int LargeBlockBytes = -3;

    /// <summary>M_ARENA_MAX of mallopt.</summary>
    private const int MaxHeaps = -8;

    /// <summary>
    /// Has blocks of 1 MiB and more given back to the system as soon as they are freed, and all threads share two heaps.
    /// </summary>
    /// <remarks>
    /// For a process that now and then needs much for a while; call it before other threads run. The GNU library otherwise
    /// takes blocks of up to 32 MiB from heaps it keeps, one for each few threads: measured, 140 MiB after building deltas.
    /// Another C library may know nothing of it, which is as well.
    /// </remarks>
    public static void ReturnLargeBlocks()
    {
        try
        {
            _ = SetOption(LargeBlockBytes, 1 << 20);
            _ = SetOption(MaxHeaps, 2);
        }
        catch (EntryPointNotFoundException)
        {
            // musl gives every large block back anyway.
            return;
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
