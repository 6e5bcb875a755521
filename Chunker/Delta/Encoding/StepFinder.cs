using System.Numerics;
using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>
/// Finds the steps that make a target from a base: exact matches, extended in both directions over scattered
/// differences, as bsdiff does.
/// </summary>
/// <param name="index">The index of the base.</param>
/// <param name="maxCandidates">Offsets of the base to try for one offset of the target.</param>
/// <param name="searchStride">Distance of the offsets of the target that are searched; odd, so that every alignment can
/// be found.</param>
/// <param name="patienceBits">After each 2^n misses in a row, the search skips one more byte.</param>
internal sealed class StepFinder(BaseIndex index, int maxCandidates, int searchStride, int patienceBits)
{
    /// <summary>A new alignment must match this many bytes more than the current one.</summary>
    private const int Margin = 24;

    /// <summary>Bytes of an alignment that are compared.</summary>
    private const int MaxLook = 512;

    /// <summary>The comparison of an alignment ends this far below its best.</summary>
    private const int MaxLoss = 32;

    /// <summary>The gain of an alignment is checked at this interval, in bytes.</summary>
    private const int PartBytes = 16;

    /// <summary>Matches of this length along the current alignment are accepted without a search.</summary>
    private const int SureBytes = 16;

    /// <summary>Cancellation is checked at this interval, in bytes.</summary>
    private const int BytesBetweenChecks = 1 << 16;

    /// <summary>Index entries are prefetched this many bytes ahead: a multiple of all search strides.</summary>
    private const int Ahead = 24;

    /// <summary>Bytes that were examined more than once: the cost of the search beyond one pass.</summary>
    public long ReexaminedBytes { get; private set; }

    /// <summary>Appends the steps of one window of the target.</summary>
    /// <param name="base">A window of the base, indexed.</param>
    /// <param name="target">The window of the target.</param>
    /// <param name="steps">Receives steps that make all of <paramref name="target"/>.</param>
    /// <param name="cancellationToken"/>
    public void Find(
        ReadOnlySpan<byte> @base, ReadOnlySpan<byte> target, List<CopyStep> steps, CancellationToken cancellationToken)
    {
        var cutter = new StepCutter(@base, target, steps);
        var tables = index.Open();
        var (offset, misses) = (0, 0);
        var end = target.Length - index.WindowBytes;
        var checkAt = 0;
        while (offset <= end)
        {
            if (offset >= checkAt)
            {
                cancellationToken.ThrowIfCancellationRequested();
                checkAt = offset + BytesBetweenChecks;
            }

            var aligned = cutter.AlignedWith(offset);
            var along = aligned < @base.Length ? target[offset..].CommonPrefixLength(@base[aligned..]) : 0;
            if (along >= SureBytes)
            {
                offset += along;
                misses = 0;
                continue;
            }

            tables.Expect(ref Unsafe.AsRef(in target[Math.Min(offset + Ahead, end)]));
            if (offset >= cutter.SearchFrom
                && TryFindBetter(tables, @base, target, offset, aligned, out var found))
            {
                cutter.Cut(offset, found);
                offset += target[offset..].CommonPrefixLength(@base[found..]);
                misses = 0;
                continue;
            }

            // Whole strides, so that the search reaches the offsets that were prefetched.
            offset += along + searchStride + (misses++ >> patienceBits);
            if (searchStride > 1)
                offset -= offset % searchStride;
        }

        cutter.Finish();
        ReexaminedBytes += cutter.ReexaminedBytes;
    }

    /// <summary>Finds an alignment that is clearly better than the current one.</summary>
    private bool TryFindBetter(
        in BaseIndex.Tables tables,
        ReadOnlySpan<byte> @base,
        ReadOnlySpan<byte> target,
        int targetOffset,
        int aligned,
        out int found)
    {
        found = 0;
        ref var sought = ref Unsafe.AsRef(in target[targetOffset]);
        var most = Margin;
        var least = int.MaxValue;
        var left = maxCandidates;
        var link = tables.First(ref sought, out var tag);
        while (tables.TryNext(ref link, tag, ref left, out var offset))
        {
            if (offset == aligned || !StartAlike(ref sought, ref Unsafe.AsRef(in @base[offset])))
                continue;
            // No alignment gains more than the bytes that differ along the current one.
            if (least == int.MaxValue)
                least = CountUnlike(@base, target, targetOffset, aligned);
            if (least <= most)
                break;
            if (Gain(@base, target, targetOffset, offset, aligned) is var gain && gain > most)
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

    /// <summary>Number of bytes that differ along the current alignment, of those that are compared.</summary>
    private static int CountUnlike(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> target, int targetOffset, int aligned)
    {
        var length = Math.Min(MaxLook, target.Length - targetOffset);
        var held = Math.Clamp(@base.Length - aligned, 0, length);
        var unlike = length;
        for (var at = 0; at < held; at += Agreement.BlockBytes)
        {
            var count = Math.Min(Agreement.BlockBytes, held - at);
            unlike -= BitOperations.PopCount(
                Agreement.Of(target.Slice(targetOffset + at, count), @base.Slice(aligned + at, count)));
        }

        return unlike;
    }

    /// <summary>
    /// Number of bytes by which a new alignment agrees better than the current one, at its best point: the end of the
    /// first match, or the end of a part.
    /// </summary>
    private static int Gain(
        ReadOnlySpan<byte> @base, ReadOnlySpan<byte> target, int targetOffset, int found, int aligned)
    {
        var length = Math.Min(MaxLook, Math.Min(target.Length - targetOffset, @base.Length - found));
        var (best, score) = (0, 0);
        for (var at = 0; at < length; at += Agreement.BlockBytes)
        {
            var count = Math.Min(Agreement.BlockBytes, length - at);
            var sought = target.Slice(targetOffset + at, count);
            var gained = Agreement.Of(sought, @base.Slice(found + at, count));
            var held = Math.Clamp(@base.Length - aligned - at, 0, count);
            var lost = held == 0 ? 0 : Agreement.Of(sought[..held], @base.Slice(aligned + at, held));
            var run = Math.Min(BitOperations.TrailingZeroCount(~gained), count);
            best = Math.Max(best, score + run - BitOperations.PopCount(run == 64 ? lost : lost & ((1UL << run) - 1)));
            for (var part = 0; part < count; part += PartBytes)
            {
                var mask = (1UL << PartBytes) - 1;
                score += (2 * BitOperations.PopCount((gained >> part) & mask))
                    - BitOperations.PopCount((lost >> part) & mask)
                    - Math.Min(PartBytes, count - part);
                best = Math.Max(best, score);
                if (score < best - MaxLoss)
                    return best;
            }
        }

        return best;
    }
}
