namespace ChunkOta.Chunking;

/// <summary>
/// The last 16 values coded, most recent first: a value among them costs an index instead of a number.
/// </summary>
internal sealed class RecentValues
{
    private const int IndexBits = 4;

    private readonly uint[] _values = new uint[1 << IndexBits];
    private readonly BitModel[] _indexes = BitModels.Make(1 << IndexBits);

    /// <summary>Index of a value, or -1.</summary>
    public int Find(uint value) => Array.IndexOf(_values, value);

    /// <summary>Codes the index of a value that was found, and moves it to the front.</summary>
    /// <returns>The value.</returns>
    public uint CodeIndex<TCoder>(ref TCoder coder, int index) where TCoder : struct, IBitCoder
    {
        index = (int)coder.Tree(_indexes, (uint)index, IndexBits);
        var value = _values[index];
        MoveToFront(index, value);
        return value;
    }

    /// <summary>Puts a value that was not found at the front; the oldest one drops out.</summary>
    public void Add(uint value) => MoveToFront(_values.Length - 1, value);

    /// <summary>Forgets everything that was learnt.</summary>
    public void Reset()
    {
        Array.Clear(_values);
        BitModels.Reset(_indexes);
    }

    /// <summary>Adopts the state of another list.</summary>
    public void CopyFrom(RecentValues other)
    {
        other._values.CopyTo(_values, 0);
        other._indexes.CopyTo(_indexes, 0);
    }

    private void MoveToFront(int index, uint value)
    {
        _values.AsSpan(0, index).CopyTo(_values.AsSpan(1));
        _values[0] = value;
    }
}
