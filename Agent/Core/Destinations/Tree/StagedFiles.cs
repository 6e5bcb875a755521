using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>What an interrupted run of the same release left in its staging tree, by what the bytes hash to.</summary>
/// <remarks>No journal of progress is kept or believed: the tree itself is the progress.</remarks>
/// <param name="tree">The staging tree; null when there is none.</param>
/// <param name="target">The release.</param>
/// <param name="hash">Hashes and buffers; the caller's.</param>
internal sealed class StagedFiles(DirectoryTree? tree, WantedRelease target, FileHash hash)
{
    private readonly bool[] _isWhole = new bool[target.Entries.Count];

    /// <summary>Hashes the files that are as long as they should be.</summary>
    public void Scan(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _isWhole.Length && tree is not null; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = target.Entries[i];
            if (entry.Kind != EntryKind.File || entry.Digest.IsEmpty)
                continue;
            using var file = TryOpen(entry);
            _isWhole[i] = file is not null && IsUsable(file.Facts, entry)
                && hash.Of(file, (long)entry.Size) == WantedRelease.ContentOf(entry);
        }
    }

    /// <summary>Whether the file of an entry is whole.</summary>
    /// <param name="entry">The entry's number.</param>
    public bool IsWhole(int entry) => _isWhole[entry];

    /// <summary>Which chunks of a file that is not whole stand in their place.</summary>
    /// <param name="entry">The entry's number.</param>
    /// <param name="chunks">The file's chunks.</param>
    /// <returns>One for each chunk.</returns>
    public bool[] PresentChunks(int entry, IReadOnlyList<ChunkRef> chunks)
    {
        var present = new bool[chunks.Count];
        using var file = tree is null ? null : TryOpen(target.Entries[entry]);
        // What a release has, too, is never written to: the file is made anew.
        if (file is not { Facts.Links: 1 })
            return present;
        long offset = 0;
        for (var i = 0; i < present.Length && offset < file.Length; i++)
        {
            present[i] = hash.TryReadChunk(file, offset, chunks[i], out _);
            offset += chunks[i].Length;
        }
        return present;
    }

    /// <summary>How much of a file that is not whole stands in its place, bytes of whole chunks.</summary>
    /// <param name="entry">The entry's number.</param>
    /// <param name="recipes">Those that an interrupted run has left.</param>
    public long PresentBytes(int entry, RecipeBundle recipes)
    {
        if (tree is null || !recipes.TryFind(target.Entries[entry], target.Cut, out var chunks))
            return 0;
        var present = PresentChunks(entry, chunks);
        long bytes = 0;
        for (var i = 0; i < present.Length; i++)
            bytes += present[i] ? chunks[i].Length : 0;
        return bytes;
    }

    /// <summary>A file that a release has, too, must have the right mode: it would be changed there as well.</summary>
    private static bool IsUsable(FileFacts facts, Entry entry) =>
        facts.Links == 1 || facts.Mode == (int)StagingTree.ModeOf(entry);

    private DurableFile? TryOpen(Entry entry) => tree is null ? null : TreeFiles.TryOpenFile(tree, entry.Path);
}
