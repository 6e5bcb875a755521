using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The state that <see cref="PromotionRules"/> and <see cref="ChannelRules"/> read and change in one
/// transaction.</summary>
public interface IPointerTransaction : ICatalogueLookup
{
    /// <summary>The last pointer of a channel, deleted or not; null before the first.</summary>
    LastPointer? FindPointer(string product, string platform, string channel);

    /// <summary>The channels of a product that are not deleted.</summary>
    IReadOnlyList<(string Platform, string Channel)> ListLiveChannels(string product);

    /// <summary>Stores a pointer in place of its channel's last one, and adds its current release to the channel's
    /// history. A deleted channel is there again. The releases that the pointer names are visible.</summary>
    void PutPointer(NewPointer pointer);

    /// <summary>The manifests of a product and platform that were withdrawn.</summary>
    IReadOnlyList<Digest> ListWithdrawn(string product, string platform);

    /// <summary>Records that a release was withdrawn.</summary>
    void AddWithdrawal(string product, string platform, Digest manifest, string reason);

    /// <summary>Forgets that a release was withdrawn.</summary>
    void RemoveWithdrawal(string product, string platform, Digest manifest);

    /// <summary>The number of devices that follow a channel.</summary>
    long CountFollowers(string product, string platform, string channel);

    /// <summary>Marks a channel as deleted; its last pointer stays.</summary>
    void DeleteChannel(string product, string platform, string channel);
}

/// <summary>The last pointer of a channel, against which the next one is checked.</summary>
/// <param name="Seq">The number of the last pointer.</param>
/// <param name="Digest">The digest of its payload.</param>
/// <param name="Counter">The counter of its current release.</param>
public sealed record LastPointer(ulong Seq, Digest Digest, ulong Counter);
