namespace ChunkOta.Durable;

/// <summary>What the kernel says of this process's memory where there is no <c>/proc</c> to read it from.</summary>
public static unsafe class ProcessMemory
{
    /// <summary>The most memory the process ever held resident, bytes; 0 where the kernel does not say.</summary>
    /// <remarks>The figure outlives an exec, so that a child of a large process starts with that one's.</remarks>
    public static long PeakResidentBytes
    {
        get
        {
            Libc.UsageBuffer usage;
            return Libc.Usage(0, &usage) == 0 ? usage.PeakResidentKibibytes * 1024 : 0;
        }
    }
}
