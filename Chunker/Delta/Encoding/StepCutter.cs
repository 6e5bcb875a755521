namespace ChunkOta.Chunking;

/// <summary>
/// The state of one search: the alignment of base and target that the current step follows. When a better alignment is
/// found, the current step is cut where most bytes agree on both sides, and goes to the list.
/// </summary>
internal ref struct StepCutter(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> target, List<CopyStep> steps)
{
    /// <summary>A shorter stretch of differences is not worth a step of its own.</summary>
    private const int UnlikeBytesWorthInserting = 20;

    private readonly ReadOnlySpan<byte> _base = @base;
    private readonly ReadOnlySpan<byte> _target = target;
    private int _start;
    private int _baseStart;

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
        (_start, _baseStart) = (next, baseOffset - backward);
    }

    /// <summary>Ends the last step at the end of the target.</summary>
    public readonly void Finish()
    {
        if (_target.Length > _start)
            Emit(ExtendForward(_target.Length), _target.Length);
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

    /// <summary>Length of the stretch at the start in which at least four of five bytes differ; 0 if it is short.</summary>
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

    /// <summary>Length of the copy from the start of the current step, up to where more bytes differ than agree.</summary>
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
