namespace ChunkOta.Chunking;

/// <summary>A window of a target and the window of its base that it is matched with: all the encoder holds of files.</summary>
/// <remarks>
/// Native memory of at most 208 MiB: 128 of base, 16 of target, 64 of index; or 64 of each. Larger windows of the target make
/// no delta smaller.
/// </remarks>
internal sealed class WindowPair(DeltaEffort effort, CancellationToken cancellationToken) : IDisposable
{
    /// <summary>The largest window of a target.</summary>
    private const int MaxTargetBytes = 64 << 20;

    /// <summary>The largest base that is held whole.</summary>
    public const int MaxBaseBytes = 128 << 20;

    /// <summary>Of a larger base, so many regions are held that the target's window came from.</summary>
    private const int Regions = 32;

    /// <summary>Beside a base larger than this, the window of the target is a small one.</summary>
    private const int ManyBaseBytes = 64 << 20;

    private const int SmallTargetBytes = 16 << 20;

    /// <summary>Files are read in pieces, between which work may end.</summary>
    private const int PieceBytes = 1 << 20;

    /// <summary>Of a base larger than this the caches hold so little that a look at each place is dear.</summary>
    private const int LargeBaseBytes = 24 << 20;

    private const int LargeBaseCandidates = 4;

    private readonly BaseIndex _index = new(effort.WindowBytes, effort.Stride);
    private readonly NativeBuffer<byte> _base = new();
    private readonly NativeBuffer<byte> _target = new();
    private int _baseLength;
    private int _targetLength;
    private (int At, long Start, int Length)[] _parts = [];
    private BaseSurvey? _survey;

    /// <summary>Where the target's window begins.</summary>
    public long TargetStart { get; private set; }

    /// <summary>What is held of the base: all, or the regions one after another.</summary>
    public ReadOnlySpan<byte> Base => _base.First(_baseLength);

    public ReadOnlySpan<byte> Target => _target.First(_targetLength);

    /// <summary>Reads the window of <paramref name="target"/> at an offset, and what it may have come from of the base.</summary>
    public void Load(IBaseReader @base, IBaseReader target, long offset)
    {
        var isLarge = @base.Length > MaxBaseBytes;
        TargetStart = offset;
        _targetLength = (int)Math.Min(@base.Length > ManyBaseBytes ? SmallTargetBytes : MaxTargetBytes, target.Length - offset);
        Read(target, offset, _target.Take(_targetLength));
        if (offset == 0)
            _survey = isLarge ? new BaseSurvey(@base, cancellationToken) : null;
        if (isLarge)
            LoadRegions(@base, offset);
        else if (offset == 0)
            LoadParts(@base, [(0, 0, (int)@base.Length)]);
    }

    /// <summary>Where a part of the base stands that is held, as a copy that a step found tells of it.</summary>
    public ReadOnlySpan<byte> BaseAt(long offset, int length)
    {
        var part = _parts.AsSpan();
        while (part.Length > 1)
        {
            var middle = part.Length / 2;
            part = part[middle].Start <= offset ? part[middle..] : part[..middle];
        }

        return Base.Slice((int)(part[0].At + offset - part[0].Start), length);
    }

    private void Read(IBaseReader file, long offset, Span<byte> destination)
    {
        for (var at = 0; at < destination.Length; at += PieceBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.Read(offset + at, destination[at..Math.Min(at + PieceBytes, destination.Length)]);
        }
    }

    private void LoadRegions(IBaseReader @base, long offset)
    {
        var regions = _survey!.FindRegions(Target, (int)(offset / BaseSurvey.RegionBytes), Regions);
        var parts = new List<(int At, long Start, int Length)>();
        var at = 0;
        foreach (var region in regions)
        {
            var start = (long)region * BaseSurvey.RegionBytes;
            var length = (int)Math.Min(BaseSurvey.RegionBytes, @base.Length - start);
            if (parts.Count > 0 && parts[^1] is var last && last.Start + last.Length == start)
                parts[^1] = last with { Length = last.Length + length };
            else
                parts.Add((at, start, length));
            at += length;
        }

        if (offset == 0 || !parts.SequenceEqual(_parts))
            LoadParts(@base, [.. parts]);
    }

    private void LoadParts(IBaseReader @base, (int At, long Start, int Length)[] parts)
    {
        _parts = parts;
        _baseLength = parts[^1].At + parts[^1].Length;
        var held = _base.Take(_baseLength);
        foreach (var part in parts) Read(@base, part.Start, held.Slice(part.At, part.Length));
        _index.Build(Base);
    }

    /// <summary>Puts offsets in what is held into offsets in the base; a copy over a seam becomes two.</summary>
    private void Place(List<CopyStep> steps)
    {
        var found = steps.ToArray();
        steps.Clear();
        foreach (var step in found)
        {
            var left = step;
            foreach (var part in _parts)
            {
                var within = (int)Math.Min(part.At + part.Length - left.BaseOffset, left.CopyBytes);
                if (within <= 0 || left.BaseOffset < part.At)
                    continue;
                var rest = left.CopyBytes - within;
                steps.Add(new CopyStep(part.Start + left.BaseOffset - part.At, within, rest == 0 ? left.InsertBytes : 0));
                left = new CopyStep(left.BaseOffset + within, rest, left.InsertBytes);
            }

            if (step.CopyBytes == 0)
                steps.Add(step);
        }
    }

    /// <summary>Bytes of native memory that are held.</summary>
    public long HeldBytes => _base.HeldBytes + _target.HeldBytes + _index.HeldBytes;

    /// <summary>Gives all memory back; the next window may be loaded afterwards, if it begins a file.</summary>
    public void Dispose()
    {
        _base.Dispose();
        _target.Dispose();
        _index.Dispose();
        (_survey, _parts, _baseLength, _targetLength) = (null, [], 0, 0);
    }

    /// <summary>Finds the steps that make the target's window.</summary>
    /// <param name="steps">Emptied first.</param>
    public void FindSteps(List<CopyStep> steps)
    {
        steps.Clear();
        var candidates = _baseLength > LargeBaseBytes ? Math.Min(effort.Candidates, LargeBaseCandidates) : effort.Candidates;
        new StepFinder(_index, candidates, effort.SearchStride, effort.PatienceBits)
            .Find(Base, Target, steps, cancellationToken);
        if (_parts.Length > 1 || _parts[0].Start > 0)
            Place(steps);
    }
}
