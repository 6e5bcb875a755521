using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Finds the files of an old release that share chunks with files of a new one.</summary>
/// <remarks>Memory: about 60 bytes for each chunk of the old release.</remarks>
internal sealed class ChunkOverlap
{
    /// <summary>A chunk that more files share says nothing about any of them.</summary>
    private const int MaxFilesPerChunk = 8;

    private readonly Dictionary<Digest, List<uint>> _filesOf = [];

    /// <summary>Adds a file of the old release.</summary>
    /// <param name="entry">Its entry number.</param>
    /// <param name="chunks">Its chunks.</param>
    public void Add(uint entry, IReadOnlyList<ChunkRef> chunks)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        foreach (var chunk in chunks)
        {
            if (!_filesOf.TryGetValue(chunk.Hash, out var files))
                _filesOf.Add(chunk.Hash, files = new List<uint>(1));
            if (files.Count <= MaxFilesPerChunk && (files.Count == 0 || files[^1] != entry)) files.Add(entry);
        }
    }

    /// <summary>The old file that shares most with a new one, the lowest entry among equals; null when none
    /// does.</summary>
    /// <param name="chunks">The new file's.</param>
    /// <returns>The entry, and the bytes that are shared.</returns>
    public (uint Entry, long Bytes)? FindMost(IReadOnlyList<ChunkRef> chunks)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        var shared = new Dictionary<uint, long>();
        foreach (var chunk in chunks)
        {
            if (!_filesOf.TryGetValue(chunk.Hash, out var files) || files.Count > MaxFilesPerChunk) continue;
            foreach (var entry in files)
                shared[entry] = shared.GetValueOrDefault(entry) + chunk.Length;
        }

        return shared.Count == 0
            ? null
            : shared.Select(pair => (pair.Key, pair.Value)).MinBy(pair => (-pair.Value, pair.Key));
    }
}
