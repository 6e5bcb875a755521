using System.Diagnostics.CodeAnalysis;
using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>Where a chunk is believed to lie on this disk.</summary>
/// <param name="Tree">Which of the seed trees, by number.</param>
/// <param name="Path">The file's path in that tree.</param>
/// <param name="Offset">Where in the file, bytes.</param>
/// <param name="Length">The chunk's length, bytes.</param>
internal readonly record struct LocalChunk(int Tree, string Path, long Offset, int Length);

/// <summary>The wanted chunks that local files are believed to hold.</summary>
/// <remarks>Belief is enough to plan by: the bytes are verified when they are read, and a location that does not
/// hold what it should is evicted, so that the chunk is fetched instead.</remarks>
internal sealed class LocalChunks
{
    private readonly Dictionary<Digest, LocalChunk> _byHash = [];

    /// <summary>How many distinct chunks are known.</summary>
    public int Count => _byHash.Count;

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Notes a chunk; the first location noted wins.</summary>
    /// <param name="chunk">Its digest.</param>
    /// <param name="location">Where it lies.</param>
    public void Add(Digest chunk, LocalChunk location)
    {
        if (_byHash.TryAdd(chunk, location))
            Bytes += location.Length;
    }

    /// <summary>Whether a location is known.</summary>
    /// <param name="chunk">The chunk's digest.</param>
    public bool Contains(Digest chunk) => _byHash.ContainsKey(chunk);

    /// <summary>Finds where a chunk lies.</summary>
    /// <param name="chunk">Its digest.</param>
    /// <param name="location">The location, if one is known.</param>
    public bool TryFind(Digest chunk, [MaybeNullWhen(false)] out LocalChunk location) =>
        _byHash.TryGetValue(chunk, out location);

    /// <summary>Forgets a location that turned out not to hold the chunk.</summary>
    /// <param name="chunk">The chunk's digest.</param>
    public void Evict(Digest chunk)
    {
        if (_byHash.Remove(chunk, out var location))
            Bytes -= location.Length;
    }

    /// <summary>Notes the wanted chunks of one file.</summary>
    /// <param name="tree">The seed tree, by number.</param>
    /// <param name="path">The file's path in it.</param>
    /// <param name="chunks">Its chunks in order.</param>
    /// <param name="demand">Says which are wanted.</param>
    public void AddFile(int tree, string path, IReadOnlyList<ChunkRef> chunks, ChunkDemand demand)
    {
        long offset = 0;
        foreach (var chunk in chunks)
        {
            if (demand.IsMissing(chunk.Hash))
                Add(chunk.Hash, new LocalChunk(tree, path, offset, chunk.Length));
            offset += chunk.Length;
        }
    }
}
