namespace ChunkOta.Chunking;

/// <summary>Differences coded as words among those of all files, in the coded part.</summary>
/// <remarks>Reads the same numbers whatever the base's bytes are, so a file can be skipped without its base.</remarks>
internal sealed class WordDifferenceSource(CodedReader coded) : IDifferenceSource
{
    private long _gap;

    /// <summary>Bytes of the file's words that differ, so far.</summary>
    public long DifferentBytes { get; private set; }

    /// <summary>Begins a file.</summary>
    public void Begin() => DifferentBytes = 0;

    /// <inheritdoc/>
    public void BeginSection(ReadOnlySpan<CopyStep> section, long targetStart) => _gap = coded.ReadGap();

    /// <inheritdoc/>
    public void Apply(Span<byte> block, CopyBlock at)
    {
        var index = 0;
        var gap = _gap;
        while (gap < block.Length - index)
        {
            index += (int)gap;
            var width = Math.Min(DifferenceWord.Bytes, block.Length - index);
            DifferenceWord.Add(block.Slice(index, width), coded.ReadDifference());
            index += width;
            DifferentBytes += width;
            gap = coded.ReadGap();
        }

        _gap = gap - (block.Length - index);
    }
}
