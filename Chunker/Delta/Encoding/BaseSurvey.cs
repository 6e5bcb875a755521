using System.Buffers.Binary;
using System.Numerics;

namespace ChunkOta.Chunking;

/// <summary>
/// Where a large base holds what: one place in a few thousand, picked by content, so that the part of the base that a window
/// of the target came from is found wherever it moved.
/// </summary>
internal sealed class BaseSurvey
{
    /// <summary>Places are counted by regions of the base of this size.</summary>
    public const int RegionBytes = 2 << 20;

    /// <summary>Of the same content only so many places tell that it is no chance.</summary>
    private const int MinVotes = 3;

    private const int TableBits = 20;
    private const int BlockBytes = 1 << 20;
    private const int WindowBytes = 32;

    private readonly ulong[] _marks = new ulong[1 << TableBits];
    private readonly uint[] _regions = new uint[1 << TableBits];
    private readonly long _baseBytes;
    private readonly int _pickBits;

    /// <summary>Reads all of a base.</summary>
    public BaseSurvey(IBaseReader @base, CancellationToken cancellationToken)
    {
        _baseBytes = @base.Length;
        _pickBits = Math.Max(10, BitOperations.Log2((ulong)_baseBytes) - TableBits + 1);
        var block = new byte[BlockBytes + WindowBytes];
        for (long at = 0; at < _baseBytes; at += BlockBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = block.AsSpan(0, (int)Math.Min(block.Length, _baseBytes - at));
            @base.Read(at, bytes);
            for (var place = 0; place + WindowBytes < bytes.Length; place++)
            {
                if (!TryPick(bytes[place..], out var mark))
                    continue;
                var slot = (int)(mark >> (64 - TableBits));
                _marks[slot] = mark;
                _regions[slot] = (uint)((at + place) / RegionBytes);
            }
        }
    }

    /// <summary>The regions of the base that hold most of what a window of the target holds, and those after them.</summary>
    /// <param name="target">The window.</param>
    /// <param name="near">The region to take first when nothing is found again.</param>
    /// <param name="count">Number of regions to choose; the base has more.</param>
    /// <returns>Their numbers, ascending.</returns>
    public int[] FindRegions(ReadOnlySpan<byte> target, int near, int count)
    {
        var votes = new int[(int)((_baseBytes - 1) / RegionBytes) + 1];
        for (var place = 0; place + WindowBytes < target.Length; place++)
        {
            if (TryPick(target[place..], out var mark) && (int)(mark >> (64 - TableBits)) is var slot && _marks[slot] == mark)
                votes[_regions[slot]]++;
        }

        var chosen = new SortedSet<int>();
        var ranked = Enumerable.Range(0, votes.Length).Where(region => votes[region] >= MinVotes)
            .OrderByDescending(region => votes[region]).ToArray();
        foreach (var region in ranked.Take(count)) chosen.Add(region);
        foreach (var region in ranked)
        {
            if (chosen.Count < count && region + 1 < votes.Length)
                chosen.Add(region + 1);
        }

        for (var region = Math.Min(near, votes.Length - count); chosen.Count < count && region < votes.Length; region++)
            chosen.Add(region);
        return [.. chosen];
    }

    /// <summary>Whether a place is one of those looked at, by its next bytes alone; and the name of the window there.</summary>
    private bool TryPick(ReadOnlySpan<byte> bytes, out ulong mark)
    {
        mark = BinaryPrimitives.ReadUInt64LittleEndian(bytes) * 0x9E37_79B9_7F4A_7C15;
        if (mark >> (64 - _pickBits) != 0)
            return false;
        for (var at = 8; at < WindowBytes; at += 8)
            mark = (BitOperations.RotateLeft(mark, 23) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..])) * 0xC2B2_AE3D_27D4_EB4F;
        return mark != 0;
    }
}
