namespace ChunkOta.Chunking;

/// <summary>Where the copies of a section take bytes of the base to.</summary>
internal sealed class CopyMap
{
    private long[] _starts = [];
    private (long End, long Shift)[] _copies = [];
    private int _count;

    /// <summary>Takes over the copies of a section.</summary>
    /// <param name="section">Its steps.</param>
    /// <param name="targetStart">Where the first of them makes bytes.</param>
    public void Set(ReadOnlySpan<CopyStep> section, long targetStart)
    {
        if (_starts.Length < section.Length)
            (_starts, _copies) = (new long[section.Length], new (long, long)[section.Length]);
        _count = 0;
        foreach (var step in section)
        {
            if (step.CopyBytes > 0)
            {
                _starts[_count] = step.BaseOffset;
                _copies[_count++] = (step.BaseOffset + step.CopyBytes, targetStart - step.BaseOffset);
            }

            targetStart += step.CopyBytes + step.InsertBytes;
        }

        Array.Sort(_starts, _copies, 0, _count);
        OrderEqualStarts();
    }

    /// <summary>No sort says how it leaves equal keys, and encoder and decoder must agree: the lesser shift comes first.</summary>
    private void OrderEqualStarts()
    {
        for (var at = 1; at < _count; at++)
        {
            for (var back = at; back > 0 && _starts[back] == _starts[back - 1] && _copies[back].Shift < _copies[back - 1].Shift; back--)
                (_copies[back], _copies[back - 1]) = (_copies[back - 1], _copies[back]);
        }
    }

    /// <summary>How far the byte at an offset of the base moves, if a copy takes it.</summary>
    public bool TryGetShift(uint offset, out uint shift)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_starts[middle] <= offset)
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
}
