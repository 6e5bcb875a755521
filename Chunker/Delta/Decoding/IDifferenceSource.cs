namespace ChunkOta.Chunking;

/// <summary>Yields the differences between copied bytes and the target's, block by block.</summary>
internal interface IDifferenceSource
{
    /// <summary>Begins a section, before its first block.</summary>
    /// <param name="section">Its steps.</param>
    /// <param name="targetStart">Offset in the target of the section's first byte.</param>
    void BeginSection(ReadOnlySpan<CopyStep> section, long targetStart);

    /// <summary>Turns the base's bytes of a block into the target's.</summary>
    /// <param name="block">At most <see cref="ProgramModels.BlockBytes"/>, all of one copy.</param>
    /// <param name="at">The block's offsets.</param>
    void Apply(Span<byte> block, CopyBlock at);
}
