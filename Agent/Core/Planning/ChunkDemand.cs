using System.Diagnostics.CodeAnalysis;
using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A file that is put together from chunks.</summary>
/// <param name="Entry">The index of its entry in the manifest.</param>
/// <param name="Chunks">Its chunks in order.</param>
/// <param name="FirstUse">The index of its first chunk's use in the demand; the others follow.</param>
internal sealed record DemandedFile(int Entry, IReadOnlyList<ChunkRef> Chunks, int FirstUse)
{
    /// <summary>The number of its chunks that are still to be written.</summary>
    public int Remaining { get; set; }
}

/// <summary>One use of a chunk: a file and an offset in it.</summary>
/// <param name="File">The file.</param>
/// <param name="Offset">The offset in the file, bytes.</param>
internal readonly record struct ChunkUse(DemandedFile File, long Offset);

/// <summary>Neighbouring chunks of one file, as a source is asked for them.</summary>
/// <param name="Entry">The index of the file's entry in the manifest.</param>
/// <param name="First">The index of the first chunk in the file.</param>
/// <param name="Count">The number of chunks.</param>
internal readonly record struct WantedChunks(int Entry, int First, int Count);

/// <summary>A part of one chunk.</summary>
/// <param name="Offset">The offset in the chunk, plain bytes.</param>
/// <param name="Length">The length, plain bytes; at least 1.</param>
internal readonly record struct ChunkPortion(int Offset, int Length);

/// <summary>The chunks that files still lack, each once, with every use of each.</summary>
/// <remarks>
/// A chunk is missing from the moment that the first file that lacks it is added until <see cref="MarkWritten"/>. The
/// chunks that are missing at any moment are those that a resumed run asks for. Not safe for concurrent use.
/// </remarks>
internal sealed class ChunkDemand
{
    /// <summary>The most ranges that one call may ask for.</summary>
    public const int MaxRangesPerCall = 32_768;

    private const int None = -1;

    private readonly List<DemandedFile> _files = [];
    private readonly Dictionary<int, DemandedFile> _byEntry = [];
    private readonly Dictionary<Digest, Chain> _missing = [];
    private readonly List<LinkedUse> _uses = [];

    /// <summary>The files, in the order they were added.</summary>
    public IReadOnlyList<DemandedFile> Files => _files;

    /// <summary>The number of distinct chunks that are missing.</summary>
    public int MissingChunks => _missing.Count;

    /// <summary>Their plain bytes.</summary>
    public long MissingBytes { get; private set; }

    /// <summary>Tells whether a chunk is missing.</summary>
    /// <param name="chunk">Its digest.</param>
    public bool IsMissing(Digest chunk) => _missing.ContainsKey(chunk);

    /// <summary>Adds a file; in the order of paths, so that chunks arrive in it.</summary>
    /// <param name="entry">The index of its entry in the manifest; each is added once.</param>
    /// <param name="chunks">Its chunks; kept, not copied.</param>
    /// <param name="isPresent">Tells of a chunk, by its index, whether the file holds it already.</param>
    /// <returns>The file; it is complete when its <see cref="DemandedFile.Remaining"/> is 0.</returns>
    public DemandedFile Add(int entry, IReadOnlyList<ChunkRef> chunks, Func<int, bool> isPresent)
    {
        var file = new DemandedFile(entry, chunks, _uses.Count);
        _byEntry.Add(entry, file);
        _files.Add(file);
        long offset = 0;
        for (var i = 0; i < chunks.Count; i++)
        {
            _uses.Add(new LinkedUse(file, offset, None));
            if (!isPresent(i))
                Link(chunks[i], _uses.Count - 1);
            offset += chunks[i].Length;
        }
        return file;
    }

    /// <summary>Finds the file of an entry.</summary>
    /// <param name="entry">The index of the entry in the manifest.</param>
    /// <param name="file">The file, if the entry is put together from chunks.</param>
    public bool TryFindFile(int entry, [NotNullWhen(true)] out DemandedFile? file) =>
        _byEntry.TryGetValue(entry, out file);

    /// <summary>Lists the uses of a missing chunk; none when it is not missing.</summary>
    /// <param name="chunk">Its digest.</param>
    public IEnumerable<ChunkUse> UsesOf(Digest chunk)
    {
        if (!_missing.TryGetValue(chunk, out var chain))
            yield break;
        for (var use = chain.First; use != None; use = _uses[use].Next)
            yield return new ChunkUse(_uses[use].File, _uses[use].Offset);
    }

    /// <summary>Takes a chunk off the demand: it was written for each of its uses.</summary>
    /// <param name="chunk">A chunk that is missing.</param>
    /// <returns>The files that are now complete.</returns>
    public IReadOnlyList<DemandedFile> MarkWritten(ChunkRef chunk)
    {
        List<DemandedFile>? complete = null;
        foreach (var use in UsesOf(chunk.Hash))
        {
            if (--use.File.Remaining == 0)
                (complete ??= []).Add(use.File);
        }
        if (_missing.Remove(chunk.Hash))
            MissingBytes -= chunk.Length;
        return complete ?? (IReadOnlyList<DemandedFile>)[];
    }

    /// <summary>Tells whether a file's use of a chunk is the one by which the missing chunk is asked for.</summary>
    /// <param name="file">The file.</param>
    /// <param name="index">The index of the chunk in it.</param>
    public bool IsAskedFor(DemandedFile file, int index) =>
        _missing.TryGetValue(file.Chunks[index].Hash, out var chain) && chain.First == file.FirstUse + index;

    /// <summary>Finds a missing chunk, by the use by which it is asked for.</summary>
    /// <param name="isWanted">Tells of a digest whether it may be this chunk.</param>
    /// <returns>A range of one chunk; null when there is none.</returns>
    public WantedChunks? FindMissing(Func<Digest, bool> isWanted)
    {
        foreach (var file in _files)
        {
            for (var i = 0; i < file.Chunks.Count && file.Remaining > 0; i++)
            {
                if (IsAskedFor(file, i) && isWanted(file.Chunks[i].Hash))
                    return new WantedChunks(file.Entry, i, 1);
            }
        }
        return null;
    }

    /// <summary>Returns the first chunk of a range.</summary>
    /// <param name="range">A range of this demand.</param>
    public ChunkRef ChunkOf(WantedChunks range) => _byEntry[range.Entry].Chunks[range.First];

    /// <summary>Lists every missing chunk once, neighbours as one range, in the order added.</summary>
    /// <param name="maxRanges">The most ranges to list.</param>
    /// <param name="maxBytes">The most plain bytes to list; the first missing chunk is listed whatever its
    /// length.</param>
    public IReadOnlyList<WantedChunks> NextRanges(
        int maxRanges = MaxRangesPerCall, long maxBytes = long.MaxValue)
    {
        var ranges = new List<WantedChunks>();
        long bytes = 0;
        foreach (var file in _files)
        {
            var isNeighbour = false;
            for (var i = 0; i < file.Chunks.Count && file.Remaining > 0; i++)
            {
                if (!IsAskedFor(file, i))
                {
                    isNeighbour = false;
                    continue;
                }
                bytes += file.Chunks[i].Length;
                if (bytes > maxBytes && ranges.Count > 0)
                    return ranges;
                if (isNeighbour)
                    ranges[^1] = ranges[^1] with { Count = ranges[^1].Count + 1 };
                else if (ranges.Count == maxRanges)
                    return ranges;
                else
                    ranges.Add(new WantedChunks(file.Entry, i, 1));
                isNeighbour = true;
            }
        }
        return ranges;
    }

    private void Link(ChunkRef chunk, int use)
    {
        _uses[use].File.Remaining++;
        if (!_missing.TryGetValue(chunk.Hash, out var chain))
        {
            _missing.Add(chunk.Hash, new Chain(use, use));
            MissingBytes += chunk.Length;
            return;
        }
        _uses[chain.Last] = _uses[chain.Last] with { Next = use };
        _missing[chunk.Hash] = chain with { Last = use };
    }

    private readonly record struct LinkedUse(DemandedFile File, long Offset, int Next);

    private readonly record struct Chain(int First, int Last);
}
