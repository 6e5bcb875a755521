using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The state that <see cref="PromotionRules"/> reads and changes in one transaction.</summary>
public interface IPointerTransaction : ICatalogueLookup
{
    /// <summary>The number and the digest of a channel's pointer; null before the first.</summary>
    (ulong Seq, Digest Digest)? FindPointer(string product, string platform, string channel);

    /// <summary>Stores a pointer in place of its channel's last one, and adds its current release to the channel's
    /// history. The releases that it names are visible.</summary>
    void PutPointer(NewPointer pointer);
}
