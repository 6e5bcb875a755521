namespace ChunkOta.Chunking;

/// <summary>
/// The state of one search: the alignment of base and target that the current step follows. When a better alignment is
/// found, the current step is cut where most bytes agree on both sides, and goes to the list.
/// </summary>
/// <remarks>
/// In a long run of equal bytes, or of a repeated pattern, matches are short, and each cut gives the whole run to the
/// new alignment: the next cut examines it again. Unbounded, that takes time in the square of the run's length.
/// Ordinary files stay within the free bytes below; beyond them, a cut that moved back far delays the next search in
/// proportion, so the work is linear. The delay loses nothing in a run, because the next cut extends backward over it.
/// </remarks>
internal ref struct StepCutter(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> target, List<CopyStep> steps)
{
    /// <summary>A shorter stretch of differences is not worth a step of its own.</summary>
    private const int UnlikeBytesWorthInserting = 20;

    /// <summary>Bytes of a window that can be examined again without a delay.</summary>
    private const long FreeBytes = 16 << 20;

    /// <summary>Further bytes that can be examined again without a delay, for each byte of the target.</summary>
    private const int FreeBytesPerByte = 2;

    /// <summary>The shortest delay, as a shift of the bytes to examine again: it bounds the work.</summary>
    private const int MinDelayShift = 6;

    /// <summary>The longest delay, while the target repeats itself.</summary>
    private const int MaxDelayShift = 4;

    private readonly ReadOnlySpan<byte> _base = @base;
    private readonly ReadOnlySpan<byte> _target = target;
    private int _start;
    private int _baseStart;

    /// <summary>Offset in the target from which the next search is worth its cost.</summary>
    public int SearchFrom { get; private set; }

    /// <summary>Bytes of the target that cuts gave to the step after them, and the next cut examines again.</summary>
    public long ReexaminedBytes { get; private set; }

    /// <summary>Offset in the base that the current step aligns with an offset of the target.</summary>
    public readonly int AlignedWith(int targetOffset) => _baseStart + targetOffset - _start;

    /// <summary>Ends the current step and starts one along a new alignment.</summary>
    /// <param name="targetOffset">Offset in the target of the match that was found.</param>
    /// <param name="baseOffset">Offset in the base of the match.</param>
    public void Cut(int targetOffset, int baseOffset)
    {
        var forward = ExtendForward(targetOffset);
        var backward = ExtendBackward(targetOffset, baseOffset);
        var overlap = _start + forward - (targetOffset - backward);
        if (overlap > 0)
        {
            var split = BestSplit(
                _target.Slice(targetOffset - backward, overlap),
                _base.Slice(_baseStart + forward - overlap, overlap),
                _base.Slice(baseOffset - backward, overlap));
            forward -= overlap - split;
            backward -= split;
        }

        var next = targetOffset - backward;
        if (next > _start)
            Emit(forward, next);
        ReexaminedBytes += backward;
        if (ReexaminedBytes > FreeBytes + (FreeBytesPerByte * (long)targetOffset))
            SearchFrom = targetOffset + Delay(targetOffset, baseOffset - AlignedWith(targetOffset), backward);
        (_start, _baseStart) = (next, baseOffset - backward);
    }

    /// <summary>Ends the last step at the end of the target.</summary>
    public readonly void Finish()
    {
        if (_target.Length > _start)
            Emit(ExtendForward(_target.Length), _target.Length);
    }

    /// <summary>Length of the delay after a cut: up to the end of the run, within bounds.</summary>
    /// <param name="targetOffset">Offset of the match.</param>
    /// <param name="distance">From the old alignment to the new one: the period of a run that both of them fit.</param>
    /// <param name="backward">Bytes that the next cut will examine again.</param>
    private readonly int Delay(int targetOffset, int distance, int backward)
    {
        var earlier = targetOffset - Math.Abs(distance);
        var most = Math.Min(backward >> MaxDelayShift, _target.Length - targetOffset);
        var repeated = earlier < 0
            ? 0
            : _target.Slice(targetOffset, most).CommonPrefixLength(_target.Slice(earlier, most));
        return Math.Max(repeated, backward >> MinDelayShift);
    }

    /// <summary>
    /// Adds a copy and the insert up to <paramref name="end"/>. A stretch in which nearly all bytes differ, such as a
    /// signature, is inserted and splits the copy: the differences of unrelated bytes do not compress.
    /// </summary>
    private readonly void Emit(int copied, int end)
    {
        var target = _target.Slice(_start, copied);
        var @base = _base.Slice(_baseStart, copied);
        var (from, index) = (0, 0);
        while (index < copied)
        {
            index += target[index..].CommonPrefixLength(@base[index..]);
            var unlike = UnlikeBytes(target[index..], @base[index..], out var examined);
            if (unlike > 0)
            {
                steps.Add(new CopyStep(_baseStart + from, index - from, unlike));
                from = index + unlike;
                index = from;
                continue;
            }

            index += examined;
        }

        if (end - _start > from)
            steps.Add(new CopyStep(_baseStart + from, copied - from, end - _start - copied));
    }

    /// <summary>
    /// Length of the stretch at the start in which at least four of five bytes differ; 0 if it is short.
    /// </summary>
    /// <param name="examined">Receives the number of bytes examined before the stretch ended.</param>
    private static int UnlikeBytes(ReadOnlySpan<byte> target, ReadOnlySpan<byte> @base, out int examined)
    {
        var (best, bestScore, score) = (0, 0, 0);
        for (examined = 0;
            examined < target.Length && score > bestScore - UnlikeBytesWorthInserting && score >= 0;
            examined++)
        {
            score += target[examined] != @base[examined] ? 1 : -4;
            if (score > bestScore)
                (best, bestScore) = (examined + 1, score);
        }

        return bestScore >= UnlikeBytesWorthInserting ? best : 0;
    }

    /// <summary>
    /// Length of the copy from the start of the current step, up to where more bytes differ than agree.
    /// </summary>
    private readonly int ExtendForward(int end)
    {
        var length = Math.Min(end - _start, _base.Length - _baseStart);
        return Agreement.BestPrefix(_target.Slice(_start, length), _base.Slice(_baseStart, length));
    }

    /// <summary>Length of the copy that ends at a match, the same way backward.</summary>
    private readonly int ExtendBackward(int targetOffset, int baseOffset)
    {
        var length = Math.Min(targetOffset - _start, baseOffset);
        return Agreement.BestSuffix(
            _target.Slice(targetOffset - length, length), _base.Slice(baseOffset - length, length));
    }

    /// <summary>Divides a range that two copies cover so that most bytes agree.</summary>
    /// <returns>Bytes of the first copy.</returns>
    private static int BestSplit(ReadOnlySpan<byte> target, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var (best, bestScore, score) = (0, 0, 0);
        for (var index = 0; index < target.Length; index++)
        {
            score += (target[index] == first[index] ? 1 : 0) - (target[index] == second[index] ? 1 : 0);
            if (score > bestScore)
                (best, bestScore) = (index + 1, score);
        }

        return best;
    }
}
