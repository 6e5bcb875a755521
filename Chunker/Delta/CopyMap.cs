namespace ChunkOta.Chunking;

/// <summary>Where the copies of a section take bytes of the base to.</summary>
internal sealed class CopyMap
{
    private Copy[] _copies = [];
    private int _count;

    /// <summary>Takes over the copies of a section.</summary>
    /// <param name="section">Its steps.</param>
    /// <param name="targetStart">Where the first of them makes bytes.</param>
    public void Set(ReadOnlySpan<CopyStep> section, long targetStart)
    {
        if (_copies.Length < section.Length)
            _copies = new Copy[section.Length];
        _count = 0;
        foreach (var step in section)
        {
            if (step.CopyBytes > 0)
                _copies[_count++] = new Copy(step.BaseOffset, targetStart - step.BaseOffset, step.BaseOffset + step.CopyBytes);
            targetStart += step.CopyBytes + step.InsertBytes;
        }

        _copies.AsSpan(0, _count).Sort(Order);
    }

    /// <summary>A total order: no sort says how it leaves equal keys, and encoder and decoder must agree.</summary>
    private static int Order(Copy one, Copy other) =>
        one.Start != other.Start ? one.Start.CompareTo(other.Start)
        : one.Shift != other.Shift ? one.Shift.CompareTo(other.Shift)
        : one.End.CompareTo(other.End);

    /// <summary>How far the byte at an offset of the base moves, if a copy takes it.</summary>
    public bool TryGetShift(uint offset, out uint shift)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_copies[middle].Start <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        var place = low - 1;
        shift = 0;
        if (place < 0 || _copies[place].End <= offset)
            return false;
        shift = (uint)_copies[place].Shift;
        return true;
    }

    private readonly record struct Copy(long Start, long Shift, long End);
}
