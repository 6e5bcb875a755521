namespace ChunkOta.Chunking;

/// <summary>A window of a target and the window of its base that it is matched with: all the encoder holds of files.</summary>
internal sealed class WindowPair(DeltaEffort effort)
{
    /// <summary>The largest window of a target.</summary>
    public const int MaxTargetBytes = 64 << 20;

    /// <summary>The largest window of a base.</summary>
    public const int MaxBaseBytes = 128 << 20;

    /// <summary>Of a base larger than this the caches hold so little that a look at each place is dear.</summary>
    private const int LargeBaseBytes = 24 << 20;

    private const int LargeBaseCandidates = 4;

    private readonly BaseIndex _index = new(effort.WindowBytes, effort.Stride);
    private byte[] _base = [];
    private byte[] _target = [];
    private int _baseLength;
    private int _targetLength;
    private BaseSurvey? _survey;

    /// <summary>Where the base's window begins.</summary>
    public long BaseStart { get; private set; }

    /// <summary>Where the target's window begins.</summary>
    public long TargetStart { get; private set; }

    public ReadOnlySpan<byte> Base => _base.AsSpan(0, _baseLength);

    public ReadOnlySpan<byte> Target => _target.AsSpan(0, _targetLength);

    /// <summary>Reads the window of <paramref name="target"/> at an offset, and the part of the base around the same place.</summary>
    public void Load(IBaseReader @base, IBaseReader target, long offset)
    {
        TargetStart = offset;
        _targetLength = (int)Math.Min(MaxTargetBytes, target.Length - offset);
        if (_target.Length < _targetLength)
            _target = GC.AllocateUninitializedArray<byte>(_targetLength);
        target.Read(offset, _target.AsSpan(0, _targetLength));

        var baseLength = (int)Math.Min(MaxBaseBytes, @base.Length);
        var baseStart = BestStart(@base, offset, baseLength);
        if (BaseStart == baseStart && offset > 0)
            return;
        (BaseStart, _baseLength) = (baseStart, baseLength);
        if (_base.Length < baseLength)
            _base = GC.AllocateUninitializedArray<byte>(baseLength);
        @base.Read(baseStart, _base.AsSpan(0, baseLength));
        _index.Build(Base);
    }

    private long BestStart(IBaseReader @base, long offset, int length)
    {
        if (@base.Length == length)
            return 0;
        if (offset == 0)
            _survey = new BaseSurvey(@base);
        if (_survey!.FindPart(Target, length) is { } found)
            return found;
        return Math.Clamp(offset + (_targetLength / 2) - (length / 2), 0, @base.Length - length);
    }

    /// <summary>Finds the steps that make the target's window.</summary>
    /// <param name="steps">Emptied first.</param>
    public void FindSteps(List<CopyStep> steps)
    {
        steps.Clear();
        var candidates = _baseLength > LargeBaseBytes ? Math.Min(effort.Candidates, LargeBaseCandidates) : effort.Candidates;
        new StepFinder(_index, candidates).Find(Base, BaseStart, Target, steps);
    }
}
