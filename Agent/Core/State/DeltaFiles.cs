using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The deltas that are being downloaded, as <c>staging/DIGEST.delta</c>.</summary>
/// <remarks>A file here is used only after it was hashed: a power cut may have left anything in it.</remarks>
/// <param name="home">The product's folder.</param>
internal sealed class DeltaFiles(ProductHome home)
{
    private const string Suffix = ".delta";

    /// <summary>Returns how much of a delta is downloaded already, bytes.</summary>
    /// <param name="delta">The delta.</param>
    public long DownloadedBytes(OfferedDelta delta) =>
        Fs.FindStatus(PathOf(delta.Digest)) is { Kind: FileKind.File } left && left.Length <= delta.Bytes
            ? left.Length
            : 0;

    /// <summary>Opens the file of a delta as it was left, or makes it, and removes those of all others.</summary>
    /// <param name="delta">The delta.</param>
    /// <returns>Open for writing and reading, the caller's to close.</returns>
    public DurableFile Open(OfferedDelta delta)
    {
        var path = PathOf(delta.Digest);
        RemoveAllBut(path);
        if (Fs.FindStatus(path) is { Kind: FileKind.File })
            return DurableFile.OpenWrite(path);
        Fs.Unlink(path);
        return DurableFile.Create(path);
    }

    /// <summary>Removes all deltas.</summary>
    public void Clear() => RemoveAllBut(null);

    private void RemoveAllBut(string? kept)
    {
        foreach (var (name, kind) in Fs.FindNames(home.Staging) ?? [])
        {
            var path = Path.Combine(home.Staging, name);
            if (path != kept && kind != FileKind.Directory && name.EndsWith(Suffix, StringComparison.Ordinal))
                Fs.Unlink(path);
        }
    }

    private string PathOf(Digest delta) => Path.Combine(home.Staging, $"{delta}{Suffix}");
}
