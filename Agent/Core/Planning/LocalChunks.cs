using System.Diagnostics.CodeAnalysis;
using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A chunk on this disk, as a recipe says; not verified yet.</summary>
/// <param name="Tree">The index of the seed tree.</param>
/// <param name="Path">The file's path in that tree.</param>
/// <param name="Offset">The offset in the file, bytes.</param>
/// <param name="Length">The chunk's length, bytes.</param>
internal readonly record struct LocalChunk(int Tree, string Path, long Offset, int Length);

/// <summary>The wanted chunks that local files should hold.</summary>
/// <remarks>Good enough to plan by: the bytes are verified when they are read, and a chunk that is not there is
/// evicted, so that it is fetched instead.</remarks>
internal sealed class LocalChunks
{
    private readonly Dictionary<Digest, LocalChunk> _byHash = [];

    /// <summary>The number of distinct chunks that are known.</summary>
    public int Count => _byHash.Count;

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds a chunk; of several with the same digest, the first one added stays.</summary>
    /// <param name="hash">The chunk's digest.</param>
    /// <param name="chunk">Where it lies.</param>
    public void Add(Digest hash, LocalChunk chunk)
    {
        if (_byHash.TryAdd(hash, chunk))
            Bytes += chunk.Length;
    }

    /// <summary>Tells whether a chunk is known.</summary>
    /// <param name="hash">The chunk's digest.</param>
    public bool Contains(Digest hash) => _byHash.ContainsKey(hash);

    /// <summary>Finds a chunk.</summary>
    /// <param name="hash">The chunk's digest.</param>
    /// <param name="chunk">Where it lies, if it is known.</param>
    public bool TryFind(Digest hash, [MaybeNullWhen(false)] out LocalChunk chunk) =>
        _byHash.TryGetValue(hash, out chunk);

    /// <summary>Removes a chunk that turned out not to be there.</summary>
    /// <param name="hash">The chunk's digest.</param>
    public void Evict(Digest hash)
    {
        if (_byHash.Remove(hash, out var chunk))
            Bytes -= chunk.Length;
    }

    /// <summary>Adds the wanted chunks of one file.</summary>
    /// <param name="tree">The index of the seed tree.</param>
    /// <param name="path">The file's path in it.</param>
    /// <param name="chunks">Its chunks in order.</param>
    /// <param name="demand">The chunks that are wanted.</param>
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
