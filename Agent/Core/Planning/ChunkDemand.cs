using System.Diagnostics.CodeAnalysis;
using ChunkOta.Chunking;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>A file that is put together from chunks.</summary>
/// <param name="Entry">Its number in the manifest.</param>
/// <param name="Chunks">Its chunks in order.</param>
/// <param name="FirstPlace">The number of its first chunk's place; the others follow.</param>
internal sealed record DemandedFile(int Entry, IReadOnlyList<ChunkRef> Chunks, int FirstPlace)
{
    /// <summary>How many of its places are still to be written.</summary>
    public int Remaining { get; set; }
}

/// <summary>A place that a chunk belongs in.</summary>
/// <param name="File">The file.</param>
/// <param name="Offset">Where in the file, bytes.</param>
internal readonly record struct ChunkUse(DemandedFile File, long Offset);

/// <summary>The chunks that files still lack, each once, and every place that each is to be written to.</summary>
/// <remarks>
/// A chunk is missing from when the first file that lacks it is added until <see cref="MarkWritten"/>; what is
/// missing at any moment is what a broken stream or a restarted agent asks for. Not safe for concurrent use.
/// </remarks>
internal sealed class ChunkDemand
{
    /// <summary>The most runs that one call may ask for.</summary>
    public const int MaxRunsPerCall = 32_768;

    private const int None = -1;

    private readonly List<DemandedFile> _files = [];
    private readonly Dictionary<int, DemandedFile> _byEntry = [];
    private readonly Dictionary<Digest, Chain> _missing = [];
    private readonly List<Place> _places = [];

    /// <summary>The files added, in the order they were added.</summary>
    public IReadOnlyList<DemandedFile> Files => _files;

    /// <summary>How many distinct chunks are missing.</summary>
    public int MissingChunks => _missing.Count;

    /// <summary>Their plain bytes.</summary>
    public long MissingBytes { get; private set; }

    /// <summary>The digests that are missing.</summary>
    public IEnumerable<Digest> Missing => _missing.Keys;

    /// <summary>Whether a chunk is missing.</summary>
    /// <param name="chunk">Its digest.</param>
    public bool IsMissing(Digest chunk) => _missing.ContainsKey(chunk);

    /// <summary>Adds a file to put together; in the order of paths, so that chunks arrive in it.</summary>
    /// <param name="entry">Its number in the manifest; each is added once.</param>
    /// <param name="chunks">Its chunks; kept, not copied.</param>
    /// <param name="isPresent">Says of a chunk, by number, whether its place in the file holds it already.</param>
    /// <returns>The file; it lacks nothing when its <see cref="DemandedFile.Remaining"/> is 0.</returns>
    public DemandedFile Add(int entry, IReadOnlyList<ChunkRef> chunks, Func<int, bool> isPresent)
    {
        var file = new DemandedFile(entry, chunks, _places.Count);
        _byEntry.Add(entry, file);
        _files.Add(file);
        long offset = 0;
        for (var i = 0; i < chunks.Count; i++)
        {
            _places.Add(new Place(file, offset, None));
            if (!isPresent(i))
                Link(chunks[i], _places.Count - 1);
            offset += chunks[i].Length;
        }
        return file;
    }

    /// <summary>Finds the file of an entry.</summary>
    /// <param name="entry">The entry's number in the manifest.</param>
    /// <param name="file">The file, if the entry is put together from chunks.</param>
    public bool TryFindFile(int entry, [NotNullWhen(true)] out DemandedFile? file) =>
        _byEntry.TryGetValue(entry, out file);

    /// <summary>Lists the places that a missing chunk belongs in; none when it is not missing.</summary>
    /// <param name="chunk">Its digest.</param>
    public IEnumerable<ChunkUse> PlacesOf(Digest chunk)
    {
        if (!_missing.TryGetValue(chunk, out var chain))
            yield break;
        for (var place = chain.First; place != None; place = _places[place].Next)
            yield return new ChunkUse(_places[place].File, _places[place].Offset);
    }

    /// <summary>Takes a chunk off the list: it stands in every place it belongs in.</summary>
    /// <param name="chunk">A chunk that is missing.</param>
    /// <returns>The files that lack nothing any more.</returns>
    public IReadOnlyList<DemandedFile> MarkWritten(ChunkRef chunk)
    {
        List<DemandedFile>? complete = null;
        foreach (var place in PlacesOf(chunk.Hash))
        {
            if (--place.File.Remaining == 0)
                (complete ??= []).Add(place.File);
        }
        if (_missing.Remove(chunk.Hash))
            MissingBytes -= chunk.Length;
        return complete ?? (IReadOnlyList<DemandedFile>)[];
    }

    /// <summary>Whether a place is the one through which its missing chunk is asked for.</summary>
    /// <param name="file">The file.</param>
    /// <param name="index">The chunk's number in it.</param>
    public bool IsAskedFor(DemandedFile file, int index) =>
        _missing.TryGetValue(file.Chunks[index].Hash, out var chain) && chain.First == file.FirstPlace + index;

    /// <summary>What to ask the server for: every missing chunk once, neighbours as one run, in the order added.</summary>
    /// <param name="mostRuns">At most so many runs.</param>
    public IReadOnlyList<ChunkRun> NextRuns(int mostRuns = MaxRunsPerCall)
    {
        var runs = new List<ChunkRun>();
        foreach (var file in _files)
        {
            ChunkRun? run = null;
            for (var i = 0; i < file.Chunks.Count && file.Remaining > 0; i++)
            {
                if (!IsAskedFor(file, i))
                {
                    run = null;
                    continue;
                }
                if (run is null)
                {
                    if (runs.Count == mostRuns)
                        return runs;
                    run = new ChunkRun { Entry = (uint)file.Entry, First = (uint)i };
                    runs.Add(run);
                }
                run.Count++;
            }
        }
        return runs;
    }

    private void Link(ChunkRef chunk, int place)
    {
        _places[place].File.Remaining++;
        if (!_missing.TryGetValue(chunk.Hash, out var chain))
        {
            _missing.Add(chunk.Hash, new Chain(place, place));
            MissingBytes += chunk.Length;
            return;
        }
        _places[chain.Last] = _places[chain.Last] with { Next = place };
        _missing[chunk.Hash] = chain with { Last = place };
    }

    private readonly record struct Place(DemandedFile File, long Offset, int Next);

    private readonly record struct Chain(int First, int Last);
}
