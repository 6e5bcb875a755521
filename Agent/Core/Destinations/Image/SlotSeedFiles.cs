using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The image of a slot as the one file of a seed, whatever its path in the release is.</summary>
/// <param name="slots">The slots.</param>
/// <param name="slot">The slot.</param>
/// <param name="imageBytes">The length of the image; null for the whole slot, when it is not known.</param>
internal sealed class SlotSeedFiles(SlotPair slots, SlotName slot, long? imageBytes) : ISeedFiles
{
    /// <inheritdoc/>
    public DirectoryTree? Tree => null;

    /// <inheritdoc/>
    public IEnumerable<string> ListPaths() => ["image"];

    /// <inheritdoc/>
    public DurableFile? TryOpen(string path) => slots.TryOpenImage(slot, imageBytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The files that it opens are the caller's.
    }
}
