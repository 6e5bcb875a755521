using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>A release that is being written. No file is finished that does not hash to what was signed.</summary>
/// <remarks>Disposing leaves what was written for the next run. Not safe for concurrent use.</remarks>
internal interface IInstallWriter : IChunkSink, IDisposable
{
    /// <summary>Bytes that were written to a device so far, without those that it held; null for files.</summary>
    long? DeviceBytes { get; }

    /// <summary>Copies a whole file, sharing its blocks where the file system can.</summary>
    /// <param name="entry">The entry to write.</param>
    /// <param name="source">The file to copy; its content is not trusted.</param>
    /// <returns>False when the content is not the entry's: nothing of it stays.</returns>
    bool TryCopy(Entry entry, DurableFile source);

    /// <summary>Copies a file of this release that was written already.</summary>
    /// <param name="entry">The entry to write.</param>
    /// <param name="path">The path of the written file.</param>
    /// <returns>False when that file is missing or not the entry's.</returns>
    bool TryCopyWritten(Entry entry, string path);

    /// <summary>Gives a whole file of an installed release one more name in this one.</summary>
    /// <param name="entry">The entry; its mode must be the file's.</param>
    /// <param name="from">The tree of the installed release.</param>
    /// <param name="path">The file's path there.</param>
    /// <returns>False when it cannot be shared or is not the entry's: then it must be made otherwise.</returns>
    bool TryLink(Entry entry, DirectoryTree from, string path);

    /// <summary>Writes a file from bytes that come in order.</summary>
    /// <param name="entry">The entry to write.</param>
    /// <param name="make">Called once with the sink of the bytes.</param>
    /// <returns>False when the bytes are not the entry's: nothing of them stays.</returns>
    bool TryWrite(Entry entry, Action<DeltaSink> make);

    /// <summary>Finishes a whole file of an interrupted run: it may lack its mode.</summary>
    /// <param name="entry">The entry.</param>
    /// <exception cref="ChunkOtaException"><c>FILE_HASH</c>: it is gone since it was verified.</exception>
    void Finish(Entry entry);

    /// <summary>Finishes the demanded files that lack no chunk to begin with.</summary>
    void FinishComplete();

    /// <summary>Completes the release and makes it survive a power cut; nothing is written after that.</summary>
    void Seal();
}
