namespace ChunkOta.Chunking;

/// <summary>A file of a delta, with everything that is known before its steps.</summary>
/// <param name="Entry">Its number, base and signed length.</param>
/// <param name="BaseBytes">Signed length of the base; 0 without one.</param>
/// <param name="Coding">The file's coding.</param>
/// <param name="FrameOffset">Offset in the object of its prefix frame, or of the differences of a program.</param>
/// <param name="FrameBytes">Length of its prefix frame; 0 for other codings.</param>
internal readonly record struct CodedFile(
    DeltaEntry Entry, long BaseBytes, DeltaCoding Coding, long FrameOffset, int FrameBytes);

/// <summary>Yields the files of a delta in order, each checked against the signed sizes of both releases.</summary>
internal sealed class EntrySource(CodedReader coded, DeltaHeader header, DeltaSizes sizes)
{
    private int _filesLeft = header.Files;
    private long _nextEntry;
    private long _nextBase;
    private long _nextFrame = header.FramesStart;

    /// <summary>Reads the next file, if there is one.</summary>
    /// <exception cref="DeltaBadException">The file is not one of these releases; nothing after it can be
    /// read.</exception>
    public bool TryReadNext(out CodedFile file)
    {
        file = default;
        if (_filesLeft == 0)
            return false;
        _filesLeft--;
        var entry = ReadEntry();
        var baseBytes = entry.BaseEntry is { } number ? sizes.Base[(int)number] : 0;
        var coding = coded.ReadCoding();
        var hasBase = entry.BaseEntry is not null;
        if (coding > DeltaCoding.Program || (coding != DeltaCoding.Steps && !hasBase))
            throw new DeltaBadException($"entry {entry.Entry} uses an unknown coding");
        file = new CodedFile(entry, baseBytes, coding, _nextFrame, FrameBytes: 0);
        if (coding == DeltaCoding.PrefixFrame)
            file = file with { FrameBytes = ReadPrefixFrame(file) };
        return true;
    }

    /// <summary>Reads the length of a file's part of the frames and moves on to the next file's part.</summary>
    /// <exception cref="DeltaBadException">It is longer than the frames.</exception>
    public int ReadFrameBytes()
    {
        var bytes = coded.ReadFrameBytes();
        if (bytes > Math.Min(header.FramesEnd - _nextFrame, int.MaxValue))
            throw new DeltaBadException("a frame is longer than all its frames");
        _nextFrame += bytes;
        return (int)bytes;
    }

    private DeltaEntry ReadEntry()
    {
        var entry = _nextEntry + coded.ReadEntryGap();
        if (!IsFile(sizes.Target, entry))
            throw new DeltaBadException("it makes a file that the release does not have");
        _nextEntry = entry + 1;
        uint? baseEntry = null;
        if (coded.ReadBase() is > 0 and var folded)
        {
            var number = _nextBase + NumberModel.Unfold(folded - 1);
            if (!IsFile(sizes.Base, number))
                throw new DeltaBadException("it uses a base that is not a file of the installed release");
            baseEntry = (uint)number;
            _nextBase = number + 1;
        }

        return new DeltaEntry((uint)entry, baseEntry, sizes.Target[(int)entry]);
    }

    private int ReadPrefixFrame(CodedFile file)
    {
        var bytes = ReadFrameBytes();
        if (bytes > DeltaHeader.MaxPrefixBytes
            || file.BaseBytes + file.Entry.TargetBytes > DeltaHeader.MaxPrefixBytes)
        {
            throw new DeltaBadException($"entry {file.Entry.Entry} is too large for a prefix frame");
        }

        return bytes;
    }

    private static bool IsFile(IReadOnlyList<long> sizes, long entry) =>
        entry >= 0 && entry < sizes.Count && sizes[(int)entry] >= 0;
}
