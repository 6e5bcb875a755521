using System.Globalization;
using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Repairs a release tree: new files are made in its staging tree and renamed over the damaged ones.</summary>
/// <remarks>A kill at any step leaves each file damaged or right, never half written, and the next repair goes
/// on.</remarks>
/// <param name="installed">The release tree; from now on this object's to close.</param>
/// <param name="staging">The tree that new files are made in; it belongs to <paramref name="writer"/>.</param>
/// <param name="writer">Writes the new files; from now on this object's to close.</param>
/// <param name="order">The release, and what it is written from.</param>
internal sealed class TreeRepair(
    DirectoryTree installed, StagingTree staging, TreeWriter writer, InstallOrder order) : IRepairWriter
{
    private const string AsideSuffix = ".moved-by-repair";
    private const int MaxAside = 1000;

    private readonly SortedSet<int> _replaced = [];

    /// <inheritdoc/>
    public IReadOnlyList<int> Begin(IReadOnlyDictionary<int, TreeDamage> damage)
    {
        var chunked = new List<int>();
        foreach (var (index, what) in damage)
        {
            var entry = order.Release.Entries[index];
            if (what.IsOfMode && TrySetPermissions(entry))
                continue;
            _replaced.Add(index);
            if (entry.Kind == EntryKind.SymbolicLink)
                staging.MakeLink(entry);
            else if (entry.Kind == EntryKind.File && entry.Size == 0)
                staging.CreateFile(entry).Dispose();
            else if (entry.Kind == EntryKind.File)
                chunked.Add(index);
        }
        chunked.Sort();
        return chunked;
    }

    /// <inheritdoc/>
    public void Write(VerifiedChunk chunk) => writer.Write(chunk);

    /// <inheritdoc/>
    public void FinishComplete() => writer.FinishComplete();

    /// <inheritdoc/>
    public void Commit()
    {
        staging.Sync();
        foreach (var index in _replaced)
            Replace(order.Release.Entries[index]);
        installed.SyncFileSystem();
        _ = TreeRemoval.Remove(staging.Root);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        writer.Dispose();
        installed.Dispose();
    }

    /// <summary>Sets the mode of a file whose content is right. It has the same mode in every release that shares
    /// it.</summary>
    private bool TrySetPermissions(Entry entry)
    {
        // Another user's file: a new one takes its place.
        using var file = TreeFiles.TryOpenFile(installed, entry.Path);
        return file is not null && StagingTree.TrySetPermissions(entry, file);
    }

    private void Replace(Entry entry)
    {
        for (var slash = entry.Path.IndexOf('/', 0); slash >= 0; slash = entry.Path.IndexOf('/', slash + 1))
            MakeDirectory(entry.Path[..slash]);
        if (entry.Kind == EntryKind.EmptyDirectory)
        {
            MakeDirectory(entry.Path);
            return;
        }
        if (installed.Find(entry.Path) is { Status.Kind: not (FileKind.File or FileKind.SymbolicLink) })
            MoveAside(entry.Path);
        staging.MoveTo(entry, installed);
    }

    private void MakeDirectory(string path)
    {
        if (installed.Find(path) is { } found)
        {
            if (found.Status.Kind == FileKind.Directory)
                return;
            MoveAside(path);
        }
        installed.MakeDirectory(path);
    }

    /// <summary>Moves what this agent did not make out of the way: it may be somebody's data.</summary>
    private void MoveAside(string path)
    {
        for (var i = 1; i <= MaxAside; i++)
        {
            var suffix = i == 1 ? AsideSuffix : string.Create(CultureInfo.InvariantCulture, $"{AsideSuffix}-{i}");
            if (installed.TryMoveNew(path, path + suffix))
                return;
        }
        throw new ChunkOtaException(
            ErrorCodes.IoError, $"{installed.Root}/{path} is in the way: move it out of the release and run again");
    }
}
