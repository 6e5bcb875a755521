namespace ChunkOta.Chunking;

/// <summary>
/// Finds the steps that make a target from a base: exact matches, then extended both ways over scattered differences, in
/// the manner of bsdiff.
/// </summary>
/// <param name="index">Of the base.</param>
/// <param name="maxCandidates">Places of the base to look at for one of the target.</param>
/// <param name="searchStride">Distance of the places of the target that are looked for.</param>
internal sealed class StepFinder(BaseIndex index, int maxCandidates, int searchStride)
{
    /// <summary>An alignment is left only for one that matches so many bytes more.</summary>
    private const int Margin = 24;

    /// <summary>Bytes of an alignment that are looked at.</summary>
    private const int MaxLook = 512;

    /// <summary>An alignment that fell so far behind its best is not looked at further.</summary>
    private const int MaxLoss = 32;

    /// <summary>Matches at least so long along the alignment are taken without looking elsewhere.</summary>
    private const int SureBytes = 16;

    /// <summary>A shorter stretch of differences is not worth a step of its own.</summary>
    private const int UnlikeBytesWorthInserting = 20;

    /// <summary>Appends the steps of one window of the target.</summary>
    /// <param name="base">A window of the base, indexed.</param>
    /// <param name="baseStart">Where the window begins in the base.</param>
    /// <param name="target">The window of the target.</param>
    /// <param name="steps">Gets steps that make all of <paramref name="target"/>.</param>
    public void Find(ReadOnlySpan<byte> @base, long baseStart, ReadOnlySpan<byte> target, List<CopyStep> steps)
    {
        var (start, startInBase) = (0, 0); // of the step at hand
        var position = 0;
        while (position < target.Length)
        {
            var aligned = startInBase + position - start;
            var along = aligned < @base.Length ? target[position..].CommonPrefixLength(@base[aligned..]) : 0;
            if (along >= SureBytes)
            {
                position += along;
                continue;
            }

            if (TryFindBetter(@base, target, position, aligned, out var found))
            {
                Cut(@base, baseStart, target, steps, ref start, ref startInBase, position, found);
                position += target[position..].CommonPrefixLength(@base[found..]);
                continue;
            }

            position += along + searchStride;
        }

        if (target.Length > start)
        {
            var copied = ExtendForward(@base, startInBase, target, start, target.Length);
            Emit(@base, baseStart, target, steps, start, startInBase, copied, target.Length);
        }
    }

    /// <summary>Ends the step at hand where the next one, matching at <paramref name="position"/>, may begin.</summary>
    private static void Cut(
        ReadOnlySpan<byte> @base,
        long baseStart,
        ReadOnlySpan<byte> target,
        List<CopyStep> steps,
        ref int start,
        ref int startInBase,
        int position,
        int found)
    {
        var forward = ExtendForward(@base, startInBase, target, start, position);
        var backward = ExtendBackward(@base, found, target, start, position);
        var overlap = start + forward - (position - backward);
        if (overlap > 0)
        {
            var split = BestSplit(
                target.Slice(position - backward, overlap),
                @base.Slice(startInBase + forward - overlap, overlap),
                @base.Slice(found - backward, overlap));
            forward -= overlap - split;
            backward -= split;
        }

        var next = position - backward;
        if (next > start)
            Emit(@base, baseStart, target, steps, start, startInBase, forward, next);
        (start, startInBase) = (next, found - backward);
    }

    /// <summary>
    /// Adds a copy and the insert up to <paramref name="end"/>. Where nearly all bytes of a stretch differ, such as a
    /// signature, the copy is split and the stretch inserted: differences of unlike bytes are noise.
    /// </summary>
    private static void Emit(
        ReadOnlySpan<byte> @base,
        long baseStart,
        ReadOnlySpan<byte> target,
        List<CopyStep> steps,
        int start,
        int startInBase,
        int copied,
        int end)
    {
        var (from, at) = (0, 0);
        while (at < copied)
        {
            at += target.Slice(start + at, copied - at).CommonPrefixLength(@base.Slice(startInBase + at, copied - at));
            var unlike = UnlikeBytes(target.Slice(start + at, copied - at), @base.Slice(startInBase + at, copied - at), out var looked);
            if (unlike > 0)
            {
                steps.Add(new CopyStep(baseStart + startInBase + from, at - from, unlike));
                from = at + unlike;
                at = from;
                continue;
            }

            at += looked;
        }

        if (end - start > from)
            steps.Add(new CopyStep(baseStart + startInBase + from, copied - from, end - start - copied));
    }

    /// <summary>Length of the stretch at the start in which at least four of five bytes differ; 0 when it is short.</summary>
    /// <param name="looked">Bytes after which the stretch was given up.</param>
    private static int UnlikeBytes(ReadOnlySpan<byte> target, ReadOnlySpan<byte> @base, out int looked)
    {
        var (best, bestScore, score) = (0, 0, 0);
        for (looked = 0; looked < target.Length && score > bestScore - UnlikeBytesWorthInserting && score >= 0; looked++)
        {
            score += target[looked] != @base[looked] ? 1 : -4;
            if (score > bestScore)
                (best, bestScore) = (looked + 1, score);
        }

        return bestScore >= UnlikeBytesWorthInserting ? best : 0;
    }

    /// <summary>How far the copy reaches before more bytes differ than agree.</summary>
    private static int ExtendForward(ReadOnlySpan<byte> @base, int baseAt, ReadOnlySpan<byte> target, int start, int end)
    {
        var length = Math.Min(end - start, @base.Length - baseAt);
        var (best, bestScore, score) = (0, 0, 0);
        for (var at = 0; at < length; at++)
        {
            score += target[start + at] == @base[baseAt + at] ? 1 : -1;
            if (score > bestScore)
                (best, bestScore) = (at + 1, score);
        }

        return best;
    }

    /// <summary>The same, from a match backward.</summary>
    private static int ExtendBackward(ReadOnlySpan<byte> @base, int baseAt, ReadOnlySpan<byte> target, int start, int end)
    {
        var length = Math.Min(end - start, baseAt);
        var (best, bestScore, score) = (0, 0, 0);
        for (var at = 1; at <= length; at++)
        {
            score += target[end - at] == @base[baseAt - at] ? 1 : -1;
            if (score > bestScore)
                (best, bestScore) = (at, score);
            if (score < bestScore - 4096)
                break;
        }

        return best;
    }

    /// <summary>Bytes that go to the first of two copies which both reach over a range, so that most agree.</summary>
    private static int BestSplit(ReadOnlySpan<byte> target, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var (best, bestScore, score) = (0, 0, 0);
        for (var at = 0; at < target.Length; at++)
        {
            score += (target[at] == first[at] ? 1 : 0) - (target[at] == second[at] ? 1 : 0);
            if (score > bestScore)
                (best, bestScore) = (at + 1, score);
        }

        return best;
    }

    /// <summary>Looks for an alignment that is worth leaving the one at hand for.</summary>
    private bool TryFindBetter(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> target, int position, int aligned, out int found)
    {
        found = 0;
        var most = Margin;
        var left = maxCandidates;
        for (var entry = index.First(target, position); entry >= 0 && left > 0; entry = index.Next(entry), left--)
        {
            var offset = index.OffsetOf(entry);
            if (offset == aligned || !target.Slice(position, index.WindowBytes).SequenceEqual(@base.Slice(offset, index.WindowBytes)))
                continue;
            if (Gain(@base, target, position, offset, aligned) is var gain && gain > most)
                (most, found) = (gain, offset);
        }

        return most > Margin;
    }

    /// <summary>
    /// How many more bytes agree along a new alignment than along the one at hand, up to where that is most.
    /// </summary>
    private static int Gain(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> target, int position, int found, int aligned)
    {
        var length = Math.Min(MaxLook, Math.Min(target.Length - position, @base.Length - found));
        var (best, score) = (0, 0);
        for (var at = 0; at < length; at++)
        {
            var sought = target[position + at];
            score += (sought == @base[found + at] ? 1 : 0)
                - (aligned + at < @base.Length && sought == @base[aligned + at] ? 1 : 0);
            if (sought != @base[found + at])
                score--;
            if (score > best)
                best = score;
            else if (score < best - MaxLoss)
                break;
        }

        return best;
    }
}
