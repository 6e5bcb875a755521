using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The part of an image that the slot to write holds already, by what its bytes hash to: from an interrupted
/// run, or from the release that was there before.</summary>
/// <param name="device">The slot, from now on this object's to close; null when it cannot be read.</param>
/// <param name="image">The image.</param>
/// <param name="isBegun">An earlier run has written this image, or some of it.</param>
/// <param name="hash">Hashes and buffers; the caller's.</param>
internal sealed class UnfinishedImage(DurableFile? device, ImageRelease image, bool isBegun, FileHash hash)
    : IUnfinishedInstall
{
    private bool _isWhole;

    /// <inheritdoc/>
    public void Scan(CancellationToken cancellationToken) =>
        _isWhole = isBegun && device is not null && hash.Of(device, image.Bytes) == image.Content;

    /// <inheritdoc/>
    public bool IsWhole(int entry) => _isWhole;

    /// <inheritdoc/>
    public bool[] PresentChunks(int entry, IReadOnlyList<ChunkRef> chunks)
    {
        var present = new bool[chunks.Count];
        long offset = 0;
        for (var i = 0; i < present.Length && device is not null; i++)
        {
            present[i] = hash.TryReadChunk(device, offset, chunks[i], out _);
            offset += chunks[i].Length;
        }
        return present;
    }

    /// <inheritdoc/>
    public void Dispose() => device?.Dispose();
}
