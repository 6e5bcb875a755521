using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>Takes verified chunks that are missing.</summary>
internal interface IChunkSink
{
    /// <summary>Writes a chunk to every place that lacks it and takes it off the demand.</summary>
    /// <param name="chunk">A chunk that is missing.</param>
    /// <exception cref="ChunkOtaException"><c>FILE_HASH</c>: it completed a file whose chunks do not make it.</exception>
    void Write(VerifiedChunk chunk);
}

/// <summary>Makes the files of a staging tree and lets none stand that does not hash to what was signed.</summary>
/// <remarks>A file that is written from its start to its end is hashed as it is written. Into one that is put together in
/// any order only verified chunks go, and it is hashed again, whole, through the descriptor it was written by. Not safe for
/// concurrent use.</remarks>
/// <param name="staging">The tree; the caller's.</param>
/// <param name="demand">The chunks that its files lack.</param>
/// <param name="hash">Hashes and buffers; the caller's.</param>
/// <param name="sharing">What files that do not change can share.</param>
/// <param name="clock">Measures.</param>
internal sealed class Assembler(
    StagingTree staging, ChunkDemand demand, FileHash hash, FileSharing sharing, TimeProvider clock)
    : IChunkSink, IDisposable
{
    private const int OpenFilesLimit = 64;

    private readonly OpenFiles<int> _open = new(OpenFilesLimit);

    /// <summary>Time spent hashing finished files.</summary>
    public TimeSpan Verifying { get; private set; }

    /// <summary>Copies a whole file of this disk, sharing its blocks where the file system can.</summary>
    /// <param name="entry">What the file must be.</param>
    /// <param name="source">Where the bytes come from; any file at all.</param>
    /// <returns>False when they are not the file's: nothing of them stays.</returns>
    public bool TryCopy(Entry entry, DurableFile source)
    {
        using var file = staging.CreateFile(entry);
        if (TryFill(entry, file, source))
            return true;
        file.Truncate(0);
        return false;
    }

    /// <summary>Copies a file that was made in this tree already.</summary>
    /// <param name="entry">What the file must be.</param>
    /// <param name="path">The other's path in this tree.</param>
    /// <returns>False when that one is not there, or not the file.</returns>
    public bool TryCopyMade(Entry entry, string path)
    {
        using var made = staging.TryOpenRead(path);
        return made is not null && TryCopy(entry, made);
    }

    /// <summary>Makes a file from bytes that come in order.</summary>
    /// <param name="entry">What the file must be.</param>
    /// <param name="make">Called once with what takes the bytes.</param>
    /// <returns>False when they are not the file's: nothing of them stays.</returns>
    public bool TryMake(Entry entry, Action<DeltaSink> make)
    {
        var isMade = false;
        using var file = staging.CreateFile(entry);
        try
        {
            isMade = hash.Make(file, make) == WantedRelease.ContentOf(entry);
            return isMade;
        }
        finally
        {
            if (!isMade)
                file.Truncate(0);
        }
    }

    /// <summary>Gives a whole file of this disk a name in the tree.</summary>
    /// <param name="entry">What the file must be, its mode as well.</param>
    /// <param name="from">The tree that it lies in.</param>
    /// <param name="path">Its name there.</param>
    /// <returns>False when it cannot be shared or is not the file: then it must be made otherwise.</returns>
    public bool TryLink(Entry entry, DirectoryTree from, string path)
    {
        using var file = staging.TryLink(entry, from, path);
        return file is not null && file.Facts.Mode == (int)StagingTree.ModeOf(entry) && IsReadablyWhole(entry, file);
    }

    /// <summary>Puts right what a whole file of an earlier run may lack: its mode.</summary>
    /// <param name="entry">The entry.</param>
    /// <exception cref="ChunkOtaException"><c>FILE_HASH</c>: it is gone since it was verified.</exception>
    public void Finish(Entry entry)
    {
        using var file = staging.TryOpenFile(entry)
            ?? throw new ChunkOtaException(ErrorCodes.FileHash, $"{entry.Path} vanished from {staging.Root}");
        if (file.Facts.Mode != (int)StagingTree.ModeOf(entry))
            StagingTree.SetMode(entry, file);
    }

    /// <summary>Finishes the files that lack no chunk to begin with.</summary>
    public void FinishComplete()
    {
        foreach (var file in demand.Files.Where(file => file.Remaining == 0))
            Finish(file);
    }

    /// <inheritdoc/>
    public void Write(VerifiedChunk chunk)
    {
        foreach (var place in demand.PlacesOf(chunk.Hash))
            Open(place.File).WriteAt(place.Offset, chunk.Plain.Span);
        foreach (var file in demand.MarkWritten(chunk.Ref))
            Finish(file);
    }

    /// <inheritdoc/>
    public void Dispose() => _open.Dispose();

    private DurableFile Open(DemandedFile file)
    {
        if (_open.TryFind(file.Entry, out var open))
            return open;
        return _open.Add(file.Entry, staging.OpenFile(staging.Target.Entries[file.Entry]));
    }

    private void Finish(DemandedFile file)
    {
        var entry = staging.Target.Entries[file.Entry];
        var written = Open(file);
        if (written.Length > (long)entry.Size)
            written.Truncate((long)entry.Size);
        if (!IsWhole(entry, written))
        {
            written.Truncate(0);
            throw new ChunkOtaException(ErrorCodes.FileHash, $"the chunks of {entry.Path} do not make the file that was signed");
        }
        StagingTree.SetMode(entry, written);
        _open.Close(file.Entry);
    }

    private bool TryFill(Entry entry, DurableFile file, DurableFile source)
    {
        try
        {
            // A clone shares blocks copy-on-write: writing through the old name later does not change the new file.
            return sharing == FileSharing.Blocks && file.TryClone(source)
                ? IsWhole(entry, file)
                : hash.Copy(source, file, (long)entry.Size) == WantedRelease.ContentOf(entry);
        }
        catch (FileSystemException e) when (e.Operation == FsOperation.Read)
        {
            // A source that cannot be read is no better than one of other content.
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

    private bool IsWhole(Entry entry, DurableFile file)
    {
        var started = clock.GetTimestamp();
        var isWhole = hash.Of(file, (long)entry.Size) == WantedRelease.ContentOf(entry);
        Verifying += clock.GetElapsedTime(started);
        return isWhole;
    }
}
