using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>Writes and signs the pointers of channels.</summary>
internal static class PointerDocuments
{
    /// <summary>The default lifetime of a pointer.</summary>
    public static readonly TimeSpan DefaultLife = TimeSpan.FromDays(30);

    /// <summary>Signs a pointer, and verifies it as a device will.</summary>
    public static VerifiedPointer Sign(ChannelPointer pointer, PublisherKeys keys) => VerifiedPointer.Verify(
        SignedDocument.Sign(PayloadTypes.Pointer, pointer.ToByteArray(), keys.Channel!), keys.Root);

    /// <summary>The pointer that follows another. What is withdrawn is left to the caller.</summary>
    /// <param name="previous">What is carried on of the channel's last pointer; null before the first.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="current">The release it is to name.</param>
    /// <param name="now">When it is issued.</param>
    /// <param name="life">How long it is good for.</param>
    /// <exception cref="ChunkOtaException"><c>POINTER_INVALID</c>: no number is left.</exception>
    public static ChannelPointer Following(
        ChannelPointer? previous, string channel, VerifiedManifest current, DateTimeOffset now, TimeSpan life)
    {
        var pointer = new ChannelPointer
        {
            Product = current.Value.Product,
            Platform = current.Value.Platform,
            Channel = channel,
            Current = new PointerTarget
            {
                ManifestDigest = current.Digest.ToByteString(),
                ManifestBytes = (ulong)current.PayloadBytes,
                Counter = current.Value.Counter,
                Version = current.Value.Version,
            },
            Floor = previous?.Floor ?? 0,
        };
        Date(pointer, previous?.Seq ?? 0, now, life);
        return pointer;
    }

    /// <summary>The same pointer with the next number and a later expiry.</summary>
    /// <exception cref="ChunkOtaException"><c>POINTER_INVALID</c>: no number is left.</exception>
    public static ChannelPointer Renewed(ChannelPointer previous, DateTimeOffset now, TimeSpan life)
    {
        var pointer = previous.Clone();
        Date(pointer, previous.Seq, now, life);
        return pointer;
    }

    private static void Date(ChannelPointer pointer, ulong previousSeq, DateTimeOffset now, TimeSpan life)
    {
        // No server stores a greater one, so the pointer is not from an honest server.
        if (previousSeq >= long.MaxValue)
            throw new ChunkOtaException(
                ErrorCodes.PointerInvalid,
                $"no pointer can follow that of channel {pointer.Channel} of {pointer.Product} for "
                + $"{pointer.Platform}: it has the number {previousSeq}, the largest is {long.MaxValue}: ask the "
                + "server's operator for the pointer before it");
        pointer.Seq = previousSeq + 1;
        pointer.IssuedUnixSeconds = now.ToUnixTimeSeconds();
        pointer.ExpiresUnixSeconds = (now + life).ToUnixTimeSeconds();
    }
}
