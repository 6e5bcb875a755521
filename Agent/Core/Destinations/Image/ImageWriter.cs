using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Writes an image to a slot. The slot counts as holding it only when it was synced and read back.</summary>
/// <param name="slots">The slots.</param>
/// <param name="slot">The slot to write.</param>
/// <param name="content">The record of the slot once it is complete.</param>
/// <param name="device">The slot, open for writing; from now on this object's to close.</param>
/// <param name="order">The release, and what it is written from.</param>
internal sealed class ImageWriter(
    SlotPair slots, SlotName slot, SlotContent content, DurableFile device, InstallOrder order) : IInstallWriter
{
    private const int CopyBytes = 256 * 1024;

    private readonly ChangedBlocks _blocks = new(device);

    /// <inheritdoc/>
    public long? DeviceBytes => _blocks.WrittenBytes;

    /// <inheritdoc/>
    public bool TryCopy(Entry entry, DurableFile source)
    {
        if (source.Length != (long)entry.Size)
            return false;
        var buffer = new byte[CopyBytes];
        try
        {
            return TryWrite(entry, append =>
            {
                for (long offset = 0; offset < source.Length;)
                {
                    var read = source.ReadAt(offset, buffer);
                    if (read == 0)
                        return;
                    read = (int)Math.Min(read, source.Length - offset);
                    append(buffer.AsSpan(0, read));
                    offset += read;
                }
            });
        }
        catch (FileSystemException e) when (e.Operation == FsOperation.Read && e.Path == source.Path)
        {
            // A source that cannot be read counts as one with other content.
            return false;
        }
    }

    /// <inheritdoc/>
    /// <remarks>An image is the only file of its release.</remarks>
    public bool TryCopyWritten(Entry entry, string path) => false;

    /// <inheritdoc/>
    public bool TryLink(Entry entry, DirectoryTree from, string path) => false;

    /// <inheritdoc/>
    public bool TryWrite(Entry entry, Action<DeltaSink> make)
    {
        var stream = new ImageStream(_blocks);
        make(stream.Append);
        return stream.Finish(out var content) == (long)entry.Size && content == ReleaseContents.ContentOf(entry);
    }

    /// <inheritdoc/>
    public void Finish(Entry entry)
    {
        // It was found whole; that it still is shows when it is read back.
    }

    /// <inheritdoc/>
    public void FinishComplete()
    {
        // As above.
    }

    /// <inheritdoc/>
    public void Write(VerifiedChunk chunk)
    {
        foreach (var use in order.Demand.UsesOf(chunk.Hash))
            _blocks.Write(use.Offset, chunk.Plain.Span);
        order.Demand.MarkWritten(chunk.Ref);
    }

    /// <inheritdoc/>
    public void Seal()
    {
        device.Sync();
        device.DropCache();
        using (order.Timer.Measure(RunPhase.Verify))
        {
            var image = ImageRelease.Of(order.Release);
            if (order.Hash.Of(device, image.Bytes) != image.Content)
            {
                throw new ChunkOtaException(
                    ErrorCodes.FileHash,
                    $"slot {slot} does not hold the image that was signed after it was written: {device.Path}: "
                    + "run again, which writes only what is wrong");
            }
        }
        slots.Save(slot, content with { IsComplete = true });
    }

    /// <inheritdoc/>
    public void Dispose() => device.Dispose();
}
