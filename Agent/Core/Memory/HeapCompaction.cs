using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Gives memory back to the system between the short steps of a run and the long one.</summary>
internal static class HeapCompaction
{
    private const int ManyEntries = 10_000;
    private const long WorthwhileBytes = 512 * 1024;

    private static long _allocatedBefore;

    /// <summary>Collects and compacts after checking and planning a large release.</summary>
    /// <remarks>A large manifest leaves garbage of several times its size,
    /// which the heap would carry to the end.</remarks>
    public static void AfterPlanning(int entries)
    {
        if (entries > ManyEntries)
            Compact();
    }

    /// <summary>Gives back what can be had again before a process waits for long: garbage, if it is worth a
    /// collection, and the pages of the program.</summary>
    public static void BeforeRest()
    {
        if (GC.GetTotalAllocatedBytes() - _allocatedBefore >= WorthwhileBytes)
        {
            Compact();
            NativeHeap.Trim();
            _allocatedBefore = GC.GetTotalAllocatedBytes();
        }
        ProgramPages.Release();
    }

    private static void Compact() => GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
