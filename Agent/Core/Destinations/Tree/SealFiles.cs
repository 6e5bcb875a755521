using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The seals of installed releases, as <c>manifests/DIGEST.seal</c>.</summary>
/// <param name="home">The product's folder.</param>
internal sealed class SealFiles(ProductHome home)
{
    /// <summary>Finds the seal of a release; null when it is missing, damaged or unreadable.</summary>
    /// <param name="release">The release.</param>
    public ReleaseSeal? Find(ReleaseContents release)
    {
        try
        {
            var bytes = DurableFile.FindBytes(PathOf(release.Digest), ReleaseSeal.BytesOf(release.Entries.Count));
            return ReleaseSeal.Read(bytes, release.Entries.Count);
        }
        catch (ChunkOtaException)
        {
            return null;
        }
    }

    /// <summary>Saves a seal that has changed, if that can be done: without it the next check reads more.</summary>
    /// <param name="release">The release.</param>
    /// <param name="seal">Its seal.</param>
    public void TrySave(ReleaseContents release, ReleaseSeal seal)
    {
        if (!seal.IsChanged)
            return;
        try
        {
            Save(release, seal);
        }
        catch (FileSystemException)
        {
            // The disk is full or read-only; what is installed is as it is.
            return;
        }
    }

    /// <summary>Saves a seal; when it returns, the seal survives a power cut.</summary>
    /// <param name="release">The release.</param>
    /// <param name="seal">Its seal.</param>
    public void Save(ReleaseContents release, ReleaseSeal seal) =>
        AtomicFile.Replace(PathOf(release.Digest), seal.ToBytes(), Permissions.Ordinary);

    private string PathOf(Digest digest) => Path.Combine(home.Manifests, digest + ProductHome.SealSuffix);
}
