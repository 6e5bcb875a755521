using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>One call for chunks.</summary>
/// <param name="Ranges">The chunks that are asked for.</param>
/// <param name="Portion">The part of the one chunk that is asked for; null for whole chunks.</param>
/// <param name="PlainBytes">The most plain bytes that were asked for.</param>
internal readonly record struct FetchOrder(
    IReadOnlyList<WantedChunks> Ranges, ChunkPortion? Portion, long PlainBytes);

/// <summary>Decides what each call for chunks asks for, by what the calls before it brought.</summary>
/// <remarks>On a good link a call asks for everything. A call that breaks before anything whole has come is followed by
/// smaller ones.</remarks>
/// <param name="demand">The chunks that are missing.</param>
internal sealed class FetchPlan(ChunkDemand demand)
{
    private const int SmallestBytes = 8 * 1024;
    private const int FirstLimitBytes = 64 * 1024;
    private const int LargestLimitBytes = 1024 * 1024;

    private int? _maxBytes;
    private PartialChunk? _part;

    /// <summary>Plain bytes that are still to come.</summary>
    public long LeftBytes => demand.MissingBytes - (PartInProgress?.Filled ?? 0);

    private PartialChunk? PartInProgress => _part is { } part && demand.IsMissing(part.Chunk.Hash) ? part : null;

    /// <summary>Plans the next call; something is missing.</summary>
    /// <param name="damaged">Chunks that came damaged: one of them is asked for first, alone.</param>
    public FetchOrder Next(DamagedChunks damaged)
    {
        _part = PartInProgress;
        if (_part is not null)
            return OrderOf(_part, _maxBytes ?? LargestLimitBytes);
        if (_maxBytes is not { } most)
        {
            return damaged.IsAny && demand.FindMissing(damaged.Contains) is { } alone
                ? new FetchOrder([alone], null, demand.ChunkOf(alone).Length)
                : new FetchOrder(demand.NextRanges(), null, demand.MissingBytes);
        }
        var ranges = demand.NextRanges(ChunkDemand.MaxRangesPerCall, most);
        var first = ranges[0] with { Count = 1 };
        var chunk = demand.ChunkOf(first);
        if (chunk.Length <= most)
            return new FetchOrder(ranges, null, most);
        _part = new PartialChunk(chunk, first);
        return OrderOf(_part, most);
    }

    /// <summary>Adds the part that was asked for.</summary>
    /// <param name="plain">Its bytes.</param>
    /// <returns>The chunk, unverified, when it is complete; it is not kept here then.</returns>
    public PartialChunk? AddPart(ReadOnlySpan<byte> plain)
    {
        var part = _part ?? throw new InvalidOperationException("No part was asked for.");
        if (!part.Add(plain))
            return null;
        _part = null;
        return part;
    }

    /// <summary>Asks for more in the next call.</summary>
    public void Succeeded() =>
        _maxBytes = _maxBytes is { } most && most < LargestLimitBytes ? most * 2 : null;

    /// <summary>Asks for less in the next call: nothing came of this one.</summary>
    public void Failed() =>
        _maxBytes = _maxBytes is { } most ? Math.Max(SmallestBytes, most / 4) : FirstLimitBytes;

    private static FetchOrder OrderOf(PartialChunk part, int mostBytes) =>
        new([part.Range], part.Next(mostBytes), mostBytes);
}

/// <summary>A chunk that comes in parts, in order; nothing of it is verified before it is whole.</summary>
/// <param name="chunk">The chunk.</param>
/// <param name="range">Its use in the release.</param>
internal sealed class PartialChunk(ChunkRef chunk, WantedChunks range)
{
    private readonly byte[] _bytes = new byte[chunk.Length];

    /// <summary>The chunk.</summary>
    public ChunkRef Chunk => chunk;

    /// <summary>Its use in the release, as a source is asked for it.</summary>
    public WantedChunks Range => range;

    /// <summary>The entry of the file that it is asked for.</summary>
    public int Entry => range.Entry;

    /// <summary>The bytes that have come.</summary>
    public int Filled { get; private set; }

    /// <summary>All its bytes, once it is complete.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Returns the next part to ask for.</summary>
    /// <param name="mostBytes">Its most bytes.</param>
    public ChunkPortion Next(int mostBytes) => new(Filled, Math.Min(mostBytes, _bytes.Length - Filled));

    /// <summary>Adds the next part.</summary>
    /// <param name="plain">Not longer than what is missing.</param>
    /// <returns>True when the chunk is complete.</returns>
    public bool Add(ReadOnlySpan<byte> plain)
    {
        plain.CopyTo(_bytes.AsSpan(Filled));
        Filled += plain.Length;
        return Filled == _bytes.Length;
    }
}
