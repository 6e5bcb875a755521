using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Finds the signed release that a slot holds, by the digest of its bytes.</summary>
/// <remarks>The agent's own record is only a hint which manifest to try first. Times are not looked at: a machine that
/// starts might not know the time.</remarks>
/// <param name="slots">The slots.</param>
/// <param name="releases">The releases that a trusted key has signed.</param>
internal sealed class SlotCheck(SlotPair slots, IReadOnlyList<VerifiedManifest> releases)
{
    /// <summary>Finds the release.</summary>
    /// <param name="slot">The slot; all of its image is read.</param>
    /// <returns>Null when it holds none.</returns>
    public VerifiedManifest? Find(SlotName slot)
    {
        using var hash = new FileHash();
        var hint = FindHint(slot);
        var read = new Dictionary<long, Digest?>();
        foreach (var release in releases.OrderBy(release => release.Digest == hint ? 0 : 1))
        {
            if (ImageRelease.TryFind(release.Entries) is not { } image)
                continue;
            if (!read.TryGetValue(image.Bytes, out var content))
                read.Add(image.Bytes, content = TryRead(slot, image.Bytes, hash));
            if (content == image.Content)
                return release;
        }
        return null;
    }

    private Digest? FindHint(SlotName slot)
    {
        try
        {
            return slots.Load()[slot]?.ManifestDigest;
        }
        catch (ChunkOtaException)
        {
            // A damaged record is not a reason to stay off.
            return null;
        }
    }

    private Digest? TryRead(SlotName slot, long bytes, FileHash hash)
    {
        using var device = slots.TryOpenImage(slot, bytes);
        try
        {
            return device is null ? null : hash.Of(device, bytes);
        }
        catch (FileSystemException)
        {
            return null;
        }
    }
}
