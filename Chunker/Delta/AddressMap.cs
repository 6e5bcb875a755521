namespace ChunkOta.Chunking;

/// <summary>
/// How far things in a program moved, by where they were: learnt from addresses seen before. What was not seen moved, most
/// likely, as far as its neighbours.
/// </summary>
internal sealed class AddressMap
{
    /// <summary>The most guesses for one address.</summary>
    public const int MaxGuesses = 5;

    /// <summary>Neighbourhoods: the address itself, then 64 bytes to 256 KiB around it.</summary>
    private static ReadOnlySpan<int> BlockBits => [0, 6, 10, 14, 18];

    /// <summary>Where the slots of each neighbourhood begin; there are 2^n of them.</summary>
    private static ReadOnlySpan<int> SlotStarts => [0, 1 << 16, (1 << 16) + (1 << 14), (1 << 16) + (1 << 14) + (1 << 12), (1 << 16) + (1 << 14) + (1 << 12) + (1 << 10)];

    private static ReadOnlySpan<int> SlotBits => [16, 14, 12, 10, 8];

    private readonly ulong[] _slots = new ulong[1 << 17];

    /// <summary>Forgets everything.</summary>
    public void Reset() => Array.Clear(_slots);

    /// <summary>What is known of an address, nearest first; not all different.</summary>
    /// <param name="address">Where something was.</param>
    /// <param name="shifts">Gets how far it may have moved.</param>
    /// <param name="levels">Gets how near the neighbour was: 0 is the address itself.</param>
    /// <returns>Number of guesses.</returns>
    public int Guess(uint address, Span<uint> shifts, Span<int> levels)
    {
        var count = 0;
        for (var level = 0; level < BlockBits.Length; level++)
        {
            var block = address >> BlockBits[level];
            var slot = _slots[Slot(level, block)];
            if ((uint)(slot >> 32) != block + 1)
                continue;
            shifts[count] = (uint)slot;
            levels[count++] = level;
        }

        return count;
    }

    /// <summary>Learns how far the thing at an address moved.</summary>
    public void Learn(uint address, uint shift)
    {
        for (var level = 0; level < BlockBits.Length; level++)
        {
            var block = address >> BlockBits[level];
            _slots[Slot(level, block)] = ((ulong)(block + 1) << 32) | shift;
        }
    }

    private static int Slot(int level, uint block) =>
        SlotStarts[level] + (int)((block * 0x9E37_79B1) >> (32 - SlotBits[level]));
}
