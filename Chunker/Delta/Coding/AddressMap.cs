using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>
/// The distances that addresses of a program moved, learnt from those seen before. An address that was not seen most
/// likely moved as far as its neighbours.
/// </summary>
internal sealed class AddressMap
{
    /// <summary>Neighbourhoods: the address itself (level 0), then the 64 bytes, 1, 16 and 256 KiB around it.</summary>
    public const int Levels = 5;

    /// <summary>Each neighbourhood has a quarter of the slots of the one before; the first has 2^16.</summary>
    private const int FirstSlotBits = 16;

    private readonly ulong[] _slots = new ulong[1 << (FirstSlotBits + 1)];

    /// <summary>Forgets everything that was learnt.</summary>
    public void Reset() => Array.Clear(_slots);

    /// <summary>Finds the nearest known neighbour of an address.</summary>
    /// <param name="address">An offset in the base.</param>
    /// <param name="shift">Receives the distance it may have moved.</param>
    /// <returns>Level of the neighbour; <see cref="Levels"/> when nothing is known.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Nearest(uint address, out uint shift) =>
        TryLook(0, address, out shift) ? 0 : NearestBeyond(address, out shift);

    /// <summary>Collects everything known of an address, nearest first, with duplicates.</summary>
    /// <param name="address">An offset in the base.</param>
    /// <param name="shifts">Receives the distances it may have moved, at most <see cref="Levels"/>.</param>
    /// <returns>Number of guesses.</returns>
    public int Guess(uint address, Span<uint> shifts)
    {
        var count = 0;
        for (var level = 0; level < Levels; level++)
        {
            if (TryLook(level, address, out var shift))
                shifts[count++] = shift;
        }

        return count;
    }

    /// <summary>Learns the distance that an address moved.</summary>
    public void Learn(uint address, uint shift)
    {
        Put(0, address, shift);
        Put(1, address, shift);
        Put(2, address, shift);
        Put(3, address, shift);
        Put(4, address, shift);
    }

    private int NearestBeyond(uint address, out uint shift) =>
        TryLook(1, address, out shift) ? 1
        : TryLook(2, address, out shift) ? 2
        : TryLook(3, address, out shift) ? 3
        : TryLook(4, address, out shift) ? 4
        : Levels;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryLook(int level, uint address, out uint shift)
    {
        var block = Block(level, address);
        var slot = _slots[Slot(level, block)];
        shift = (uint)slot;
        return (uint)(slot >> 32) == block + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put(int level, uint address, uint shift)
    {
        var block = Block(level, address);
        _slots[Slot(level, block)] = ((ulong)(block + 1) << 32) | shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Block(int level, uint address) => level == 0 ? address : address >> (2 + (4 * level));

    /// <summary>The slots of the levels follow each other: 2^16, then 2^14, 2^12, 2^10 and 2^8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Slot(int level, uint block)
    {
        var start = level == 0 ? 0 : level == 1 ? 1 << 16 : level == 2 ? 5 << 14 : level == 3 ? 21 << 12 : 85 << 10;
        return start + (int)((block * 0x9E37_79B1) >> (32 - FirstSlotBits + (2 * level)));
    }
}
