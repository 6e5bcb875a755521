namespace ChunkOta.Storage;

/// <summary>A set of row numbers: one bit for each, in pages of 8 KiB where there are any.</summary>
/// <remarks>100 million chunks take 12.5 MB.</remarks>
internal sealed class NumberSet
{
    private const int BitsOfPage = 1 << 16;
    private const int BitsOfWord = 64;

    private readonly Dictionary<long, ulong[]> _pages = [];

    /// <summary>Adds a number.</summary>
    /// <returns>False when it was there already.</returns>
    public bool Add(long number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        var (page, bit) = Math.DivRem(number, BitsOfPage);
        if (!_pages.TryGetValue(page, out var words))
            _pages.Add(page, words = new ulong[BitsOfPage / BitsOfWord]);
        ref var word = ref words[bit / BitsOfWord];
        var mask = 1UL << (int)(bit % BitsOfWord);
        var isNew = (word & mask) == 0;
        word |= mask;
        return isNew;
    }

    /// <summary>True when the number was added.</summary>
    public bool Contains(long number)
    {
        var (page, bit) = Math.DivRem(number, BitsOfPage);
        return _pages.TryGetValue(page, out var words)
            && (words[bit / BitsOfWord] & (1UL << (int)(bit % BitsOfWord))) != 0;
    }
}
