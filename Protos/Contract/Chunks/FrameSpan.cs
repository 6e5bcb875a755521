namespace ChunkOta.Protos;

/// <summary>A piece of a frame's plain bytes: chunks of one entry that were asked for, or bytes to skip.</summary>
/// <remarks>In a message: (entry + 1, first, count) for chunks, (0, bytes) for bytes to skip.</remarks>
public readonly record struct FrameSpan
{
    private FrameSpan(uint entry, uint first, uint count, uint skippedBytes) =>
        (Entry, First, Count, SkippedBytes) = (entry, first, count, skippedBytes);

    /// <summary>The index of the entry in the manifest; 0 for bytes to skip.</summary>
    public uint Entry { get; }

    /// <summary>The first chunk's number in the entry's recipe, from 0.</summary>
    public uint First { get; }

    /// <summary>The number of chunks; 0 for bytes to skip.</summary>
    public uint Count { get; }

    /// <summary>The number of plain bytes that were not requested; 0 for chunks.</summary>
    public uint SkippedBytes { get; }

    /// <summary>True for bytes that were not requested.</summary>
    public bool IsSkipped => Count == 0;

    /// <summary>Chunks that were asked for.</summary>
    /// <param name="entry">The index of the entry in the manifest.</param>
    /// <param name="first">The first chunk's number.</param>
    /// <param name="count">At least 1.</param>
    public static FrameSpan Chunks(uint entry, uint first, uint count)
    {
        ArgumentOutOfRangeException.ThrowIfZero(count);
        ArgumentOutOfRangeException.ThrowIfEqual(entry, uint.MaxValue);
        return new FrameSpan(entry, first, count, 0);
    }

    /// <summary>Bytes to skip.</summary>
    /// <param name="plainBytes">At least 1.</param>
    public static FrameSpan Skip(uint plainBytes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(plainBytes);
        return new FrameSpan(0, 0, 0, plainBytes);
    }

    /// <summary>Adds the numbers that stand for it in a message.</summary>
    /// <param name="numbers">The message's numbers so far.</param>
    public void AppendTo(ICollection<uint> numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        if (IsSkipped)
        {
            numbers.Add(0);
            numbers.Add(SkippedBytes);
            return;
        }
        numbers.Add(Entry + 1);
        numbers.Add(First);
        numbers.Add(Count);
    }

    /// <summary>Reads the numbers of a message.</summary>
    /// <param name="numbers">As received.</param>
    /// <exception cref="ChunkOtaException">FRAME_INVALID: the groups are incomplete, or one is empty.</exception>
    public static IReadOnlyList<FrameSpan> ReadAll(ReadOnlySpan<uint> numbers)
    {
        var spans = new List<FrameSpan>(numbers.Length / 3 + 1);
        while (!numbers.IsEmpty)
        {
            var isSkipped = numbers[0] == 0;
            var length = isSkipped ? 2 : 3;
            if (numbers.Length < length || numbers[length - 1] == 0)
                throw new FrameInvalidException("the spans of a frame are not (entry + 1, first, count) or (0, bytes)");
            spans.Add(isSkipped ? Skip(numbers[1]) : Chunks(numbers[0] - 1, numbers[1], numbers[2]));
            numbers = numbers[length..];
        }
        return spans;
    }
}
