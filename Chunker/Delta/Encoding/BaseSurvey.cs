using System.Buffers.Binary;
using System.Numerics;

namespace ChunkOta.Chunking;

/// <summary>
/// A sample of a large base: one offset in a few thousand, chosen by content, so that the part of the base that a
/// window of the target came from is found wherever it moved.
/// </summary>
internal sealed class BaseSurvey
{
    /// <summary>Length of a region of the base.</summary>
    public const int RegionBytes = 2 << 20;

    /// <summary>Equal samples that a region needs to be chosen: fewer may be chance.</summary>
    private const int MinVotes = 3;

    private const int TableBits = 20;
    private const int BlockBytes = 1 << 20;
    private const int WindowBytes = 32;

    private readonly ulong[] _samples = new ulong[1 << TableBits];
    private readonly uint[] _regions = new uint[1 << TableBits];
    private readonly long _baseBytes;
    private readonly int _pickBits;

    /// <summary>Samples all of a base.</summary>
    public BaseSurvey(IBaseReader @base, CancellationToken cancellationToken)
    {
        _baseBytes = @base.Length;
        _pickBits = Math.Max(10, BitOperations.Log2((ulong)_baseBytes) - TableBits + 1);
        var block = new byte[BlockBytes + WindowBytes];
        for (long start = 0; start < _baseBytes; start += BlockBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = block.AsSpan(0, (int)Math.Min(block.Length, _baseBytes - start));
            @base.Read(start, bytes);
            for (var index = 0; index + WindowBytes < bytes.Length; index++)
            {
                if (!TryPick(bytes[index..], out var sample))
                    continue;
                var slot = (int)(sample >> (64 - TableBits));
                _samples[slot] = sample;
                _regions[slot] = (uint)((start + index) / RegionBytes);
            }
        }
    }

    /// <summary>
    /// Finds the regions of the base that have the most content of a window, and the regions after them.
    /// </summary>
    /// <param name="target">The window of the target.</param>
    /// <param name="near">The first region to choose when too few are found.</param>
    /// <param name="count">Number of regions to choose; the base has more.</param>
    /// <returns>Their numbers, ascending.</returns>
    public int[] FindRegions(ReadOnlySpan<byte> target, int near, int count)
    {
        var votes = new int[(int)((_baseBytes - 1) / RegionBytes) + 1];
        for (var index = 0; index + WindowBytes < target.Length; index++)
        {
            if (!TryPick(target[index..], out var sample))
                continue;
            var slot = (int)(sample >> (64 - TableBits));
            if (_samples[slot] == sample)
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

    /// <summary>Decides by the next bytes alone whether an offset is sampled, and hashes the window there.</summary>
    private bool TryPick(ReadOnlySpan<byte> bytes, out ulong sample)
    {
        sample = BinaryPrimitives.ReadUInt64LittleEndian(bytes) * 0x9E37_79B9_7F4A_7C15;
        if (sample >> (64 - _pickBits) != 0)
            return false;
        for (var at = 8; at < WindowBytes; at += 8)
        {
            sample = BitOperations.RotateLeft(sample, 23) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
            sample *= 0xC2B2_AE3D_27D4_EB4F;
        }

        return sample != 0;
    }
}
