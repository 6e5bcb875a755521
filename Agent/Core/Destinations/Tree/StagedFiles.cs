using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The files that an interrupted run left in the staging tree of a release, by their digests.</summary>
/// <remarks>No journal of progress is kept or trusted: the tree itself is the progress.</remarks>
/// <param name="tree">The staging tree, from now on this object's to close; null when there is none.</param>
/// <param name="release">The release.</param>
/// <param name="hash">Hashes and buffers; the caller's.</param>
internal sealed class StagedFiles(DirectoryTree? tree, ReleaseContents release, FileHash hash) : IUnfinishedInstall
{
    private readonly bool[] _isWhole = new bool[release.Entries.Count];

    /// <inheritdoc/>
    public void Scan(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _isWhole.Length && tree is not null; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = release.Entries[i];
            if (entry.Kind != EntryKind.File || entry.Digest.IsEmpty)
                continue;
            using var file = TryOpen(entry);
            _isWhole[i] = file is not null && IsUsable(file.Status, entry)
                && hash.Of(file, (long)entry.Size) == ReleaseContents.ContentOf(entry);
        }
    }

    /// <inheritdoc/>
    public bool IsWhole(int entry) => _isWhole[entry];

    /// <inheritdoc/>
    public bool[] PresentChunks(int entry, IReadOnlyList<ChunkRef> chunks)
    {
        var present = new bool[chunks.Count];
        using var file = tree is null ? null : TryOpen(release.Entries[entry]);
        // A file that an installed release shares is never written to: it is made anew.
        if (file is not { Status.Links: 1 })
            return present;
        long offset = 0;
        for (var i = 0; i < present.Length && offset < file.Length; i++)
        {
            present[i] = hash.TryReadChunk(file, offset, chunks[i], out _);
            offset += chunks[i].Length;
        }
        return present;
    }

    /// <inheritdoc/>
    public void Dispose() => tree?.Dispose();

    /// <summary>A file shared with an installed release must have the right mode: it cannot be set.</summary>
    private static bool IsUsable(FileStatus status, Entry entry) =>
        status.Links == 1 || status.Has(StagingTree.PermissionsOf(entry));

    private DurableFile? TryOpen(Entry entry) => tree is null ? null : TreeFiles.TryOpenFile(tree, entry.Path);
}
