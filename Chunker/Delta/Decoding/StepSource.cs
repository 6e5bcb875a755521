namespace ChunkOta.Chunking;

/// <summary>Yields the steps of a file, section by section, each checked against base, target and inserts.</summary>
/// <param name="coded">Stands at the first section of the file.</param>
/// <param name="insertBytes">Plain length of the inserts of the whole delta.</param>
internal sealed class StepSource(CodedReader coded, long insertBytes)
{
    private CopyStep[] _section = [];
    private CodedFile _file;
    private StepCounts _counts;
    private long _insertsLeft = insertBytes;
    private long _baseEnd;

    /// <summary>Bytes of the file that no section has made yet.</summary>
    public long TargetBytesLeft { get; private set; }

    /// <summary>Counts of the file's steps so far.</summary>
    public StepCounts Counts => _counts;

    /// <summary>Begins a file.</summary>
    public void Begin(CodedFile file)
    {
        _file = file;
        _counts = default;
        _baseEnd = 0;
        TargetBytesLeft = file.Entry.TargetBytes;
    }

    /// <summary>Reads the steps of the next section; valid until the next call.</summary>
    /// <exception cref="DeltaBadException">A step makes nothing, too much, or copies from outside the base.</exception>
    public ReadOnlySpan<CopyStep> ReadSection()
    {
        var count = coded.ReadStepCount();
        if (count is < 1 or > StepModels.MaxSectionSteps)
            throw new DeltaBadException("a section has no steps or too many");
        if (_section.Length < count)
            _section = new CopyStep[count];
        var section = _section.AsSpan(0, (int)count);
        foreach (ref var step in section)
        {
            step = coded.ReadStep(_baseEnd);
            Check(step);
            _counts.Add(step, _baseEnd);
            if (step.CopyBytes > 0)
                _baseEnd = step.BaseOffset + step.CopyBytes;
        }

        return section;
    }

    private void Check(CopyStep step)
    {
        var left = TargetBytesLeft;
        if (step.CopyBytes > left || step.InsertBytes > left - step.CopyBytes)
            throw new DeltaBadException($"entry {_file.Entry.Entry} would exceed its signed length");
        if (step.CopyBytes + step.InsertBytes == 0)
            throw new DeltaBadException($"entry {_file.Entry.Entry} has an empty step");
        TargetBytesLeft = left - step.CopyBytes - step.InsertBytes;
        if (step.CopyBytes > 0
            && (step.BaseOffset < 0 || step.BaseOffset > _file.BaseBytes
                || step.CopyBytes > _file.BaseBytes - step.BaseOffset))
        {
            throw new DeltaBadException($"entry {_file.Entry.Entry} copies from beyond the end of its base");
        }

        if (step.InsertBytes > _insertsLeft)
            throw new DeltaBadException("it inserts more bytes than it contains");
        _insertsLeft -= step.InsertBytes;
    }
}

/// <summary>Counts of the steps of one file, added up in place.</summary>
internal struct StepCounts
{
    /// <summary>Number of steps.</summary>
    public long Steps { get; private set; }

    /// <summary>Steps whose copy does not continue where the last copy ended.</summary>
    public long MovedSteps { get; private set; }

    /// <summary>Bytes copied from the base.</summary>
    public long CopiedBytes { get; private set; }

    /// <summary>Bytes inserted.</summary>
    public long InsertedBytes { get; private set; }

    /// <summary>Counts a step that follows a copy which ended at <paramref name="baseEnd"/>.</summary>
    public void Add(CopyStep step, long baseEnd)
    {
        Steps++;
        if (step.CopyBytes > 0 && step.BaseOffset != baseEnd)
            MovedSteps++;
        CopiedBytes += step.CopyBytes;
        InsertedBytes += step.InsertBytes;
    }
}
