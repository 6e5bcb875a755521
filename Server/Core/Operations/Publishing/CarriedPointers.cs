using ChunkOta.Protos;
using ChunkOta.Storage;
using Google.Protobuf;

namespace ChunkOta.Server.Core;

/// <summary>The pointers that a channel's next one carries on.</summary>
/// <param name="Live">The channel; null before its first release, and after it was deleted.</param>
/// <param name="Others">The channel if it was deleted, and the fewest live channels that withdraw what any of them
/// withdraws; without a live channel, the last pointer that there was.</param>
internal sealed record CarriedPointers(ChannelRecord? Live, IReadOnlyList<ChannelRecord> Others)
{
    /// <summary>Chooses them among all channels of a product and platform, deleted ones included.</summary>
    /// <remarks>A withdrawal is in the pointers of all live channels, so one of them is enough as a rule, whatever
    /// their number. A deleted one may still name a release that was reinstated since.</remarks>
    public static CarriedPointers Choose(IEnumerable<ChannelRecord> channels, string name)
    {
        var all = channels.Select(channel => (Channel: channel, Pointer: Parse(channel))).ToList();
        var own = all.Find(one => one.Channel.Name == name);
        var others = all.FindAll(one => one.Channel.Name != name && one.Channel.Deleted is null);
        HashSet<ByteString> carried = own.Channel is { Deleted: null } ? [.. own.Pointer.Revoked] : [];
        var isCarried = own.Channel is { Deleted: null };
        List<ChannelRecord> chosen = own.Channel is { Deleted: not null } deleted ? [deleted] : [];
        foreach (var (channel, pointer) in others.OrderByDescending(one => one.Pointer.Revoked.Count))
        {
            if (isCarried && carried.IsSupersetOf(pointer.Revoked)) continue;
            chosen.Add(channel);
            carried.UnionWith(pointer.Revoked);
            isCarried = true;
        }

        var last = all.OrderByDescending(one => one.Pointer.IssuedUnixSeconds).FirstOrDefault().Channel;
        if (!isCarried && last is not null && last != own.Channel)
            chosen.Add(last);
        return new CarriedPointers(own.Channel is { Deleted: null } live ? live : null, chosen);
    }

    private static ChannelPointer Parse(ChannelRecord channel) =>
        ChannelPointer.Parser.ParseFrom(SignedDocument.Parse(channel.Envelope).Payload);
}
