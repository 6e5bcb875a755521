using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Writes the files of a staging tree, and finishes none that does not hash to what was signed.</summary>
/// <remarks>A file that is written from its start to its end is hashed as it is written. A file that is put together in
/// any order takes verified chunks alone, and is hashed again, whole, through the descriptor it was written by.
/// Not safe for concurrent use.</remarks>
/// <param name="staging">The tree; from now on this object's to close.</param>
/// <param name="order">The release, and what it is written from.</param>
/// <param name="seals">Gets the state of the sealed release: what is not changed later need not be read again.</param>
internal sealed class TreeWriter(StagingTree staging, InstallOrder order, SealFiles seals) : IInstallWriter
{
    private const int OpenFilesLimit = 64;

    private readonly OpenFiles<int> _open = new(OpenFilesLimit);

    /// <summary>Makes the empty directories and empty files: they need no bytes.</summary>
    public void MakeEmptyEntries() => staging.MakeEmptyEntries();

    /// <inheritdoc/>
    public long? DeviceBytes => null;

    /// <inheritdoc/>
    public bool TryCopy(Entry entry, DurableFile source)
    {
        using var file = staging.CreateFile(entry);
        if (TryFill(entry, file, source))
            return true;
        file.Truncate(0);
        return false;
    }

    /// <inheritdoc/>
    public bool TryCopyWritten(Entry entry, string path)
    {
        using var written = staging.TryOpenRead(path);
        return written is not null && TryCopy(entry, written);
    }

    /// <inheritdoc/>
    public bool TryLink(Entry entry, DirectoryTree from, string path)
    {
        using var file = staging.TryLink(entry, from, path);
        return file is not null && file.Status.Has(StagingTree.PermissionsOf(entry)) && IsReadablyWhole(entry, file);
    }

    /// <inheritdoc/>
    public bool TryWrite(Entry entry, Action<DeltaSink> make)
    {
        var isWritten = false;
        using var file = staging.CreateFile(entry);
        try
        {
            isWritten = order.Hash.Make(file, make) == ReleaseContents.ContentOf(entry);
            return isWritten;
        }
        finally
        {
            if (!isWritten)
                file.Truncate(0);
        }
    }

    /// <inheritdoc/>
    public void Finish(Entry entry)
    {
        using var file = staging.TryOpenFile(entry)
            ?? throw new ChunkOtaException(ErrorCodes.FileHash, $"{entry.Path} vanished from {staging.Root}");
        if (!file.Status.Has(StagingTree.PermissionsOf(entry)))
            StagingTree.SetPermissions(entry, file);
    }

    /// <inheritdoc/>
    public void FinishComplete()
    {
        foreach (var file in order.Demand.Files.Where(file => file.Remaining == 0))
            Finish(file);
    }

    /// <inheritdoc/>
    public void Write(VerifiedChunk chunk)
    {
        foreach (var use in order.Demand.UsesOf(chunk.Hash))
            Open(use.File).WriteSparseAt(use.Offset, chunk.Plain.Span);
        foreach (var file in order.Demand.MarkWritten(chunk.Ref))
            Finish(file);
    }

    /// <inheritdoc/>
    public void Seal()
    {
        staging.MakeLinks();
        staging.Seal();
        seals.Save(order.Release, staging.ToSeal());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _open.Dispose();
        staging.Dispose();
    }

    private DurableFile Open(DemandedFile file)
    {
        if (_open.TryFind(file.Entry, out var open))
            return open;
        return _open.Add(file.Entry, staging.OpenFile(order.Release.Entries[file.Entry]));
    }

    private void Finish(DemandedFile file)
    {
        var entry = order.Release.Entries[file.Entry];
        var written = Open(file);
        // An earlier run may have left more; zeros at the end were not written.
        if (written.Length != (long)entry.Size)
            written.Truncate((long)entry.Size);
        if (!IsWhole(entry, written))
        {
            written.Truncate(0);
            throw new ChunkOtaException(
                ErrorCodes.FileHash, $"the chunks of {entry.Path} do not make the file that was signed");
        }
        StagingTree.SetPermissions(entry, written);
        _open.Close(file.Entry);
    }

    private bool TryFill(Entry entry, DurableFile file, DurableFile source)
    {
        try
        {
            // A clone shares blocks copy-on-write: writing through the old name later does not change the new file.
            return order.Sharing == FileSharing.Blocks && file.TryClone(source)
                ? IsWholeClone(entry, file)
                : order.Hash.Copy(source, file, (long)entry.Size) == ReleaseContents.ContentOf(entry);
        }
        catch (FileSystemException e) when (e.Operation == FsOperation.Read)
        {
            // A source that cannot be read counts as one with other content.
            return false;
        }
    }

    private bool IsReadablyWhole(Entry entry, DurableFile file)
    {
        try
        {
            return IsWhole(entry, file);
        }
        catch (FileSystemException e) when (e.Operation == FsOperation.Read)
        {
            return false;
        }
    }

    private bool IsWholeClone(Entry entry, DurableFile file)
    {
        using var phase = order.Timer.Measure(RunPhase.Verify);
        return order.Hash.OfUncached(file, (long)entry.Size) == ReleaseContents.ContentOf(entry);
    }

    private bool IsWhole(Entry entry, DurableFile file)
    {
        using var phase = order.Timer.Measure(RunPhase.Verify);
        return order.Hash.Of(file, (long)entry.Size) == ReleaseContents.ContentOf(entry);
    }
}
