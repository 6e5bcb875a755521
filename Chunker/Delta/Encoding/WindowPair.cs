namespace ChunkOta.Chunking;

/// <summary>
/// A window of a target and the part of its base that it is matched with: all file content the encoder holds.
/// </summary>
/// <remarks>
/// Native memory of at most 208 MiB: 128 of base, 16 of target, 64 of index; or 64 of each. Larger windows of the
/// target do not make deltas smaller.
/// </remarks>
internal sealed class WindowPair(DeltaEffort effort, CancellationToken cancellationToken) : IDisposable
{
    /// <summary>The largest window of a target.</summary>
    private const int MaxTargetBytes = 64 << 20;

    /// <summary>The largest base that is loaded completely.</summary>
    public const int MaxBaseBytes = 128 << 20;

    /// <summary>Regions of a larger base that are loaded for a window of the target.</summary>
    private const int Regions = 32;

    /// <summary>The window of the target is small beside a base larger than this.</summary>
    private const int ManyBaseBytes = 64 << 20;

    private const int SmallTargetBytes = 16 << 20;

    /// <summary>Files are read in pieces of this length; cancellation is checked in between.</summary>
    private const int PieceBytes = 1 << 20;

    /// <summary>A base larger than this exceeds the CPU caches, so that each candidate is expensive.</summary>
    private const int LargeBaseBytes = 24 << 20;

    private const int LargeBaseCandidates = 4;

    private readonly BaseIndex _index = new(effort.WindowBytes, effort.Stride);
    private readonly NativeArray<byte> _base = new();
    private readonly NativeArray<byte> _target = new();
    private int _baseLength;
    private int _targetLength;
    private Part[] _parts = [];
    private BaseSurvey? _survey;

    /// <summary>Offset of the target's window.</summary>
    public long TargetStart { get; private set; }

    /// <summary>The loaded bytes of the base: all, or its regions one after another.</summary>
    public ReadOnlySpan<byte> Base => _base.First(_baseLength);

    /// <summary>The target's window.</summary>
    public ReadOnlySpan<byte> Target => _target.First(_targetLength);

    /// <summary>
    /// Loads the window of <paramref name="target"/> at an offset, and the parts of the base that it may have come
    /// from.
    /// </summary>
    public void Load(IBaseReader @base, IBaseReader target, long offset)
    {
        var isLarge = @base.Length > MaxBaseBytes;
        TargetStart = offset;
        var windowBytes = @base.Length > ManyBaseBytes ? SmallTargetBytes : MaxTargetBytes;
        _targetLength = (int)Math.Min(windowBytes, target.Length - offset);
        Read(target, offset, _target.Rent(_targetLength));
        if (offset == 0)
            _survey = isLarge ? new BaseSurvey(@base, cancellationToken) : null;
        if (isLarge)
            LoadRegions(@base, offset);
        else if (offset == 0)
            LoadParts(@base, [new Part(0, 0, (int)@base.Length)]);
    }

    /// <summary>Returns loaded bytes of the base by their offset in the base.</summary>
    public ReadOnlySpan<byte> BaseAt(long offset, int length)
    {
        var part = _parts.AsSpan();
        while (part.Length > 1)
        {
            var middle = part.Length / 2;
            part = part[middle].Start <= offset ? part[middle..] : part[..middle];
        }

        return Base.Slice((int)(part[0].Index + offset - part[0].Start), length);
    }

    private void Read(IBaseReader file, long offset, Span<byte> destination)
    {
        for (var index = 0; index < destination.Length; index += PieceBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            file.Read(offset + index, destination[index..Math.Min(index + PieceBytes, destination.Length)]);
        }
    }

    private void LoadRegions(IBaseReader @base, long offset)
    {
        var regions = _survey!.FindRegions(Target, (int)(offset / BaseSurvey.RegionBytes), Regions);
        var parts = new List<Part>();
        var at = 0;
        foreach (var region in regions)
        {
            var start = (long)region * BaseSurvey.RegionBytes;
            var length = (int)Math.Min(BaseSurvey.RegionBytes, @base.Length - start);
            if (parts.Count > 0 && parts[^1] is var last && last.Start + last.Length == start)
                parts[^1] = last with { Length = last.Length + length };
            else
                parts.Add(new Part(at, start, length));
            at += length;
        }

        if (offset == 0 || !parts.SequenceEqual(_parts))
            LoadParts(@base, [.. parts]);
    }

    private void LoadParts(IBaseReader @base, Part[] parts)
    {
        _parts = parts;
        _baseLength = parts[^1].Index + parts[^1].Length;
        var held = _base.Rent(_baseLength);
        foreach (var part in parts) Read(@base, part.Start, held.Slice(part.Index, part.Length));
        _index.Build(Base);
    }

    /// <summary>
    /// Converts offsets in the loaded bytes to offsets in the base; a copy across a seam becomes two.
    /// </summary>
    private void ConvertOffsets(List<CopyStep> steps)
    {
        var found = steps.ToArray();
        steps.Clear();
        foreach (var step in found)
        {
            var left = step;
            foreach (var part in _parts)
            {
                var within = (int)Math.Min(part.Index + part.Length - left.BaseOffset, left.CopyBytes);
                if (within <= 0 || left.BaseOffset < part.Index)
                    continue;
                var rest = left.CopyBytes - within;
                steps.Add(new CopyStep(
                    part.Start + left.BaseOffset - part.Index, within, rest == 0 ? left.InsertBytes : 0));
                left = new CopyStep(left.BaseOffset + within, rest, left.InsertBytes);
            }

            if (step.CopyBytes == 0)
                steps.Add(step);
        }
    }

    /// <summary>Bytes of native memory allocated.</summary>
    public long HeldBytes => _base.HeldBytes + _target.HeldBytes + _index.HeldBytes;

    /// <summary>Frees all memory; the first window of a file can be loaded afterwards.</summary>
    public void Dispose()
    {
        _base.Dispose();
        _target.Dispose();
        _index.Dispose();
        (_survey, _parts, _baseLength, _targetLength) = (null, [], 0, 0);
    }

    /// <summary>Finds the steps that make the target's window.</summary>
    /// <param name="steps">Cleared first.</param>
    public void FindSteps(List<CopyStep> steps)
    {
        steps.Clear();
        var candidates = _baseLength > LargeBaseBytes
            ? Math.Min(effort.Candidates, LargeBaseCandidates)
            : effort.Candidates;
        new StepFinder(_index, candidates, effort.SearchStride, effort.PatienceBits)
            .Find(Base, Target, steps, cancellationToken);
        if (_parts.Length > 1 || _parts[0].Start > 0)
            ConvertOffsets(steps);
    }

    /// <summary>A loaded part of the base.</summary>
    private readonly record struct Part(int Index, long Start, int Length);
}
