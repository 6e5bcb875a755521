namespace ChunkOta.Chunking;

/// <summary>The way in which a delta represents a file.</summary>
public enum DeltaCoding
{
    /// <summary>Steps and word differences, with statistics that carry over from file to file.</summary>
    Steps = 0,

    /// <summary>One zstd frame with the base as its prefix.</summary>
    PrefixFrame = 1,

    /// <summary>
    /// Steps, and differences coded by looking at the base: cheap for addresses that moved in programs.
    /// </summary>
    Program = 2,
}
