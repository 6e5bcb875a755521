namespace ChunkOta.Chunking;

/// <summary>The coding of files, their steps and their word differences, with the statistics learnt so far.</summary>
internal sealed class StepModels
{
    /// <summary>Steps of a section, which precede the differences of its copies: bounds a decoder's memory.</summary>
    public const int MaxSectionSteps = 1 << 17;

    private const int GapContexts = 16;

    private readonly NumberModel _entries = new(1);
    private readonly NumberModel _bases = new(2);
    private readonly BitModel[] _codings = BitModels.Make(4);
    private readonly NumberModel _frames = new(1);
    private readonly NumberModel _different = new(1);
    private readonly NumberModel _counts = new(1);
    private readonly NumberModel _copies = new(2);
    private readonly NumberModel _inserts = new(2);
    private readonly NumberModel _seeks = new(2);
    private readonly NumberModel _gaps = new(GapContexts);
    private readonly NumberModel _words = new(1);
    private readonly RecentValues _recent = new();
    private readonly BitModel[] _isRecent = BitModels.Make(4);
    private readonly BitModel[] _isReplacement = BitModels.Make(2);
    private int _lastGapLength;
    private long _lastInsert;
    private int _wasReplacement;
    private int _wasRecent;

    /// <summary>Codes an entry's number as its distance from the number after the last entry.</summary>
    public long EntryGap<TCoder>(ref TCoder coder, long gap) where TCoder : struct, IBitCoder =>
        _entries.Code(ref coder, gap);

    /// <summary>Codes 0 for no base, else 1 plus the folded distance from the number after the last base.</summary>
    public long Base<TCoder>(ref TCoder coder, long value) where TCoder : struct, IBitCoder =>
        _bases.Code(ref coder, value);

    /// <summary>Codes the coding of a file.</summary>
    public DeltaCoding Coding<TCoder>(ref TCoder coder, DeltaCoding coding) where TCoder : struct, IBitCoder =>
        (DeltaCoding)coder.Tree(_codings, (uint)coding, 2);

    /// <summary>Codes the stored length of a frame, or of the differences of a program.</summary>
    public long FrameBytes<TCoder>(ref TCoder coder, long bytes) where TCoder : struct, IBitCoder =>
        _frames.Code(ref coder, bytes);

    /// <summary>Codes the number of bytes of a program that differ.</summary>
    public long DifferentBytes<TCoder>(ref TCoder coder, long bytes) where TCoder : struct, IBitCoder =>
        _different.Code(ref coder, bytes);

    /// <summary>Codes the number of steps in a section.</summary>
    public long StepCount<TCoder>(ref TCoder coder, long count) where TCoder : struct, IBitCoder =>
        _counts.Code(ref coder, count);

    /// <summary>
    /// Codes a step; <paramref name="baseEnd"/> is the offset in the base at which the last copy ended.
    /// </summary>
    public CopyStep Step<TCoder>(ref TCoder coder, CopyStep step, long baseEnd) where TCoder : struct, IBitCoder
    {
        var copy = _copies.Code(ref coder, step.CopyBytes);
        long offset = 0;
        if (copy > 0)
        {
            // The most frequent case: the insert before replaced as many bytes of the base.
            offset = baseEnd + _lastInsert;
            if (coder.Bit(ref _isReplacement[_wasReplacement], step.BaseOffset == offset ? 1 : 0) == 0)
                (offset, _wasReplacement) = (baseEnd + _seeks.CodeSigned(ref coder, step.BaseOffset - baseEnd), 0);
            else
                _wasReplacement = 1;
        }

        var insert = _inserts.Code(ref coder, step.InsertBytes, copy == 0 ? 1 : 0);
        _lastInsert = insert;
        return new CopyStep(offset, copy, insert);
    }

    /// <summary>Codes the number of copied bytes that are unchanged before the next word that differs.</summary>
    public long Gap<TCoder>(ref TCoder coder, long gap) where TCoder : struct, IBitCoder
    {
        gap = _gaps.Code(ref coder, gap, _lastGapLength);
        _lastGapLength = Math.Min(64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)gap), GapContexts - 1);
        return gap;
    }

    /// <summary>Codes what is added to a word; never 0.</summary>
    public uint Difference<TCoder>(ref TCoder coder, uint difference) where TCoder : struct, IBitCoder
    {
        var index = _recent.Find(difference);
        var isRecent = coder.Bit(ref _isRecent[_wasRecent], index >= 0 ? 1 : 0);
        _wasRecent = ((_wasRecent << 1) | isRecent) & 3;
        if (isRecent != 0)
            return _recent.CodeIndex(ref coder, index);
        difference = (uint)_words.CodeSigned(ref coder, (int)difference);
        _recent.Add(difference);
        return difference;
    }

    /// <summary>Adopts the state of another instance.</summary>
    public void CopyFrom(StepModels other)
    {
        _entries.CopyFrom(other._entries);
        _bases.CopyFrom(other._bases);
        _frames.CopyFrom(other._frames);
        _different.CopyFrom(other._different);
        _counts.CopyFrom(other._counts);
        _copies.CopyFrom(other._copies);
        _inserts.CopyFrom(other._inserts);
        _seeks.CopyFrom(other._seeks);
        _gaps.CopyFrom(other._gaps);
        _words.CopyFrom(other._words);
        _recent.CopyFrom(other._recent);
        other._codings.CopyTo(_codings, 0);
        other._isRecent.CopyTo(_isRecent, 0);
        other._isReplacement.CopyTo(_isReplacement, 0);
        (_lastGapLength, _wasRecent) = (other._lastGapLength, other._wasRecent);
        (_lastInsert, _wasReplacement) = (other._lastInsert, other._wasReplacement);
    }
}
