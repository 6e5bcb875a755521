using System.Numerics;
using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>
/// Finds the steps that make a target from a base: exact matches, then extended both ways over scattered differences, in
/// the manner of bsdiff.
/// </summary>
/// <param name="index">Of the base.</param>
/// <param name="maxCandidates">Places of the base to look at for one of the target.</param>
/// <param name="searchStride">Odd, so that no distance from base to target is missed: distance of the places of the target that are looked for.</param>
/// <param name="patienceBits">After each 2^n places in a row at which nothing was found, one more is passed over.</param>
internal sealed class StepFinder(BaseIndex index, int maxCandidates, int searchStride, int patienceBits)
{
    /// <summary>An alignment is left only for one that matches so many bytes more.</summary>
    private const int Margin = 24;

    /// <summary>Bytes of an alignment that are looked at.</summary>
    private const int MaxLook = 512;

    /// <summary>An alignment that fell so far behind its best is not looked at further.</summary>
    private const int MaxLoss = 32;

    /// <summary>An alignment's gain is looked at after so many bytes each.</summary>
    private const int PartBytes = 16;

    /// <summary>Matches at least so long along the alignment are taken without looking elsewhere.</summary>
    private const int SureBytes = 16;

    /// <summary>Whether work shall end is asked after so many bytes.</summary>
    private const int BytesBetweenChecks = 1 << 16;

    /// <summary>The index is asked for so many bytes before they are reached: a multiple of all search strides.</summary>
    private const int Ahead = 24;

    /// <summary>A shorter stretch of differences is not worth a step of its own.</summary>
    private const int UnlikeBytesWorthInserting = 20;

    /// <summary>Appends the steps of one window of the target.</summary>
    /// <param name="base">A window of the base, indexed.</param>
    /// <param name="target">The window of the target.</param>
    /// <param name="steps">Gets steps that make all of <paramref name="target"/>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public void Find(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> target, List<CopyStep> steps, CancellationToken cancellationToken)
    {
        var (start, startInBase) = (0, 0); // of the step at hand
        var tables = index.Open();
        var (position, futile) = (0, 0);
        var end = target.Length - index.WindowBytes;
        var checkAt = 0;
        while (position <= end)
        {
            if (position >= checkAt)
            {
                cancellationToken.ThrowIfCancellationRequested();
                checkAt = position + BytesBetweenChecks;
            }

            var aligned = startInBase + position - start;
            var along = aligned < @base.Length ? target[position..].CommonPrefixLength(@base[aligned..]) : 0;
            if (along >= SureBytes)
            {
                position += along;
                futile = 0;
                continue;
            }

            tables.Expect(ref Unsafe.AsRef(in target[Math.Min(position + Ahead, end)]));
            if (TryFindBetter(tables, @base, target, position, aligned, out var found))
            {
                Cut(@base, target, steps, ref start, ref startInBase, position, found);
                position += target[position..].CommonPrefixLength(@base[found..]);
                futile = 0;
                continue;
            }

            // Whole strides, so that what was asked of the index ahead is what will be looked for.
            position += along + searchStride + (futile++ >> patienceBits);
            if (searchStride > 1)
                position -= position % searchStride;
        }

        if (target.Length > start)
        {
            var copied = ExtendForward(@base, startInBase, target, start, target.Length);
            Emit(@base, target, steps, start, startInBase, copied, target.Length);
        }
    }

    /// <summary>Ends the step at hand where the next one, matching at <paramref name="position"/>, may begin.</summary>
    private static void Cut(
        ReadOnlySpan<byte> @base,
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
            Emit(@base, target, steps, start, startInBase, forward, next);
        (start, startInBase) = (next, found - backward);
    }

    /// <summary>
    /// Adds a copy and the insert up to <paramref name="end"/>. Where nearly all bytes of a stretch differ, such as a
    /// signature, the copy is split and the stretch inserted: differences of unlike bytes are noise.
    /// </summary>
    private static void Emit(
        ReadOnlySpan<byte> @base,
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
                steps.Add(new CopyStep(startInBase + from, at - from, unlike));
                from = at + unlike;
                at = from;
                continue;
            }

            at += looked;
        }

        if (end - start > from)
            steps.Add(new CopyStep(startInBase + from, copied - from, end - start - copied));
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
        return Agreement.BestPrefix(target.Slice(start, length), @base.Slice(baseAt, length));
    }

    /// <summary>The same, from a match backward.</summary>
    private static int ExtendBackward(ReadOnlySpan<byte> @base, int baseAt, ReadOnlySpan<byte> target, int start, int end)
    {
        var length = Math.Min(end - start, baseAt);
        return Agreement.BestSuffix(target.Slice(end - length, length), @base.Slice(baseAt - length, length));
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
    private bool TryFindBetter(
        in BaseIndex.Tables tables, ReadOnlySpan<byte> @base, ReadOnlySpan<byte> target, int position, int aligned, out int found)
    {
        found = 0;
        ref var sought = ref Unsafe.AsRef(in target[position]);
        var most = Margin;
        var least = int.MaxValue;
        var left = maxCandidates;
        var link = tables.First(ref sought, out var tag);
        while (tables.TryNext(ref link, tag, ref left, out var offset))
        {
            if (offset == aligned || !StartAlike(ref sought, ref Unsafe.AsRef(in @base[offset])))
                continue;
            // No alignment gains more than the bytes that the one at hand leaves.
            if (least == int.MaxValue)
                least = CountUnlike(@base, target, position, aligned);
            if (least <= most)
                break;
            if (Gain(@base, target, position, offset, aligned) is var gain && gain > most)
                (most, found) = (gain, offset);
        }

        return most > Margin;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool StartAlike(ref byte one, ref byte other) =>
        Unsafe.ReadUnaligned<ulong>(ref one) == Unsafe.ReadUnaligned<ulong>(ref other)
        && (index.WindowBytes == sizeof(ulong)
            || Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref one, index.WindowBytes - sizeof(ulong)))
                == Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref other, index.WindowBytes - sizeof(ulong))));

    /// <summary>Bytes that differ along the alignment at hand, of those that are looked at.</summary>
    private static int CountUnlike(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> target, int position, int aligned)
    {
        var length = Math.Min(MaxLook, target.Length - position);
        var held = Math.Clamp(@base.Length - aligned, 0, length);
        var unlike = length;
        for (var at = 0; at < held; at += Agreement.BlockBytes)
        {
            var count = Math.Min(Agreement.BlockBytes, held - at);
            unlike -= BitOperations.PopCount(Agreement.Of(target.Slice(position + at, count), @base.Slice(aligned + at, count)));
        }

        return unlike;
    }

    /// <summary>
    /// How many more bytes agree along a new alignment than along the one at hand, up to where that is most: looked at
    /// where the first run of bytes ends and at the ends of blocks.
    /// </summary>
    private static int Gain(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> target, int position, int found, int aligned)
    {
        var length = Math.Min(MaxLook, Math.Min(target.Length - position, @base.Length - found));
        var (best, score) = (0, 0);
        for (var at = 0; at < length; at += Agreement.BlockBytes)
        {
            var count = Math.Min(Agreement.BlockBytes, length - at);
            var sought = target.Slice(position + at, count);
            var gained = Agreement.Of(sought, @base.Slice(found + at, count));
            var held = Math.Clamp(@base.Length - aligned - at, 0, count);
            var lost = held == 0 ? 0 : Agreement.Of(sought[..held], @base.Slice(aligned + at, held));
            var run = Math.Min(BitOperations.TrailingZeroCount(~gained), count);
            best = Math.Max(best, score + run - BitOperations.PopCount(run == 64 ? lost : lost & ((1UL << run) - 1)));
            for (var part = 0; part < count; part += PartBytes)
            {
                var mask = (1UL << PartBytes) - 1;
                score += (2 * BitOperations.PopCount((gained >> part) & mask)) - BitOperations.PopCount((lost >> part) & mask)
                    - Math.Min(PartBytes, count - part);
                best = Math.Max(best, score);
                if (score < best - MaxLoss)
                    return best;
            }
        }

        return best;
    }
}
