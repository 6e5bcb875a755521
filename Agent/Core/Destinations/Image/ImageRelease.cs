using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>A release that is one image: a single file.</summary>
/// <param name="Entry">The file.</param>
internal readonly record struct ImageRelease(Entry Entry)
{
    /// <summary>The length of the image, bytes.</summary>
    public long Bytes => (long)Entry.Size;

    /// <summary>The digest of the image.</summary>
    public Digest Content => ReleaseContents.ContentOf(Entry);

    /// <summary>Returns the image of a release.</summary>
    /// <param name="release">The release.</param>
    /// <exception cref="ChunkOtaException"><c>IMAGE_UNFIT</c>: it is not one image.</exception>
    public static ImageRelease Of(ReleaseContents release) => TryFind(release.Entries) ?? throw new ChunkOtaException(
        ErrorCodes.ImageUnfit,
        $"{release.Manifest.Product} {release.Manifest.Version} cannot be written to a slot: it must be a single "
        + $"file, and has {release.Entries.Count} entries");

    /// <summary>Finds the image among the entries of a release; null when it is not one image.</summary>
    /// <param name="entries">The entries.</param>
    public static ImageRelease? TryFind(IReadOnlyList<Entry> entries) =>
        entries.Count == 1 && entries[0] is { Kind: EntryKind.File, Size: > 0 } entry ? new ImageRelease(entry) : null;
}
