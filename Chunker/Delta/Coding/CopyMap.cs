using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>The moves of the base's bytes by the copies of a section.</summary>
internal sealed class CopyMap
{
    private const int MaxBuckets = 1 << 16;

    /// <summary>
    /// For each part of the base, of 2^<see cref="_bucketBits"/> bytes, the number of copies that start before it; then
    /// the number of all copies, twice.
    /// </summary>
    private readonly int[] _before = new int[MaxBuckets + 2];
    private Copy[] _copies = [];
    private int _count;
    private int _bucketBits;
    private int _buckets;

    /// <summary>Adopts the copies of a section.</summary>
    /// <param name="section">The steps of the section.</param>
    /// <param name="targetStart">Offset in the target of the first step's bytes.</param>
    public void Set(ReadOnlySpan<CopyStep> section, long targetStart)
    {
        if (_copies.Length < section.Length)
            _copies = new Copy[section.Length];
        _count = 0;
        foreach (var step in section)
        {
            if (step.CopyBytes > 0)
            {
                _copies[_count++] = new Copy(
                    step.BaseOffset, targetStart - step.BaseOffset, step.BaseOffset + step.CopyBytes);
            }

            targetStart += step.CopyBytes + step.InsertBytes;
        }

        var copies = _copies.AsSpan(0, _count);
        copies.Sort(Order);
        CountStarts(copies);
    }

    /// <summary>The distance that the byte at an offset of the base moves, if a copy takes it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetShift(uint offset, out uint shift)
    {
        var bucket = (int)Math.Min(offset >> _bucketBits, (uint)_buckets);
        var (low, high) = (_before[bucket], _before[bucket + 1]);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_copies[middle].Start <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        shift = 0;
        if (low == 0 || _copies[low - 1].End <= offset)
            return false;
        shift = (uint)_copies[low - 1].Shift;
        return true;
    }

    /// <summary>A total order: encoder and decoder must agree, and a sort may leave equal keys in any order.</summary>
    private static int Order(Copy one, Copy other) =>
        one.Start != other.Start ? one.Start.CompareTo(other.Start)
        : one.Shift != other.Shift ? one.Shift.CompareTo(other.Shift)
        : one.End.CompareTo(other.End);

    /// <summary>
    /// Divides the base into about two parts a copy, so that few copies start in a part: mostly one or none.
    /// </summary>
    private void CountStarts(ReadOnlySpan<Copy> copies)
    {
        var last = copies.IsEmpty ? 0 : copies[^1].Start;
        var most = Math.Clamp(2 * copies.Length, 1, MaxBuckets);
        _bucketBits = 0;
        while (last >> _bucketBits >= most) _bucketBits++;
        _buckets = (int)(last >> _bucketBits) + 1;
        var before = 0;
        for (var bucket = 0; bucket < _buckets; bucket++)
        {
            while (before < copies.Length && copies[before].Start < (long)bucket << _bucketBits) before++;
            _before[bucket] = before;
        }

        _before[_buckets] = _before[_buckets + 1] = copies.Length;
    }

    private readonly record struct Copy(long Start, long Shift, long End);
}
