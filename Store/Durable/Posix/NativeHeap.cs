using System.Runtime.InteropServices;

namespace ChunkOta.Durable;

/// <summary>Settings of the C library's heap for native code.</summary>
public static partial class NativeHeap
{
    /// <summary>M_MMAP_THRESHOLD of mallopt.</summary>
    private const int LargeBlockBytes = -3;

    /// <summary>M_ARENA_MAX of mallopt.</summary>
    private const int MaxHeaps = -8;

    /// <summary>Returns blocks of 1 MiB and more to the system as soon as they are freed, and lets all threads share
    /// two heaps.</summary>
    /// <remarks>
    /// For a process with short peaks of memory; call it before other threads run. The GNU library otherwise takes
    /// blocks of up to 32 MiB from heaps that it keeps, one for a few threads: 140 MiB after building deltas, as
    /// measured. Does nothing with a C library that lacks the option.
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

    /// <summary>Returns all that is free to the system.</summary>
    public static void Trim()
    {
        try
        {
            _ = ReturnFree(0);
        }
        catch (EntryPointNotFoundException)
        {
            // musl keeps little.
            return;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int ReturnFree(nuint pad);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
