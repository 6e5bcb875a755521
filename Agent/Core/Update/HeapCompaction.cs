namespace ChunkOta.Agent;

/// <summary>Gives memory back to the system between the short steps of a run and the long one.</summary>
internal static class HeapCompaction
{
    private const int ManyEntries = 10_000;

    /// <summary>Collects and compacts after checking and planning a large release.</summary>
    /// <remarks>A large manifest leaves garbage of several times its size,
    /// which the heap would carry to the end.</remarks>
    public static void AfterPlanning(ReleaseContents release)
    {
        if (release.Entries.Count > ManyEntries)
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
