using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>
/// Signs the pointers of channels: the one way in which a publish, a promotion, a renewal, a withdrawal and its end
/// make them.
/// </summary>
/// <remarks>Each pointer follows its channel's last one, keeps its floor, and revokes all that the product and platform
/// have withdrawn. What a removed key demands is not carried on before the publisher has decided on it.</remarks>
/// <param name="keys">The publisher's keys.</param>
/// <param name="clock">Dates the pointers.</param>
/// <param name="life">How long they are good for.</param>
internal sealed class PointerSigner(PublisherKeys keys, TimeProvider clock, TimeSpan life)
{
    /// <summary>The pointer that makes a release current in a channel.</summary>
    /// <param name="history">Of the release's product and platform.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="release">The release.</param>
    /// <exception cref="ChunkOtaException"><c>REVOKED</c>, <c>ROLLBACK</c>: devices would refuse the release;
    /// <c>KEY_REMOVED</c>; <c>POINTER_INVALID</c>: the channel has no number left.</exception>
    public VerifiedPointer Promote(PointerHistory history, string channel, VerifiedManifest release)
    {
        CheckDecided(history, channel, keys);
        var revoked = history.Revoked;
        if (revoked.Contains(release.Digest.ToByteString()))
        {
            throw new ChunkOtaException(
                ErrorCodes.Revoked,
                $"{release.Head.Product} {release.Version} for {release.Head.Platform} was withdrawn and cannot be "
                + $"current in {channel}: promote another release");
        }

        var pointer = Sign(
            PointerDocuments.Following(history.Carry(channel), channel, release, clock.GetUtcNow(), life), history,
            revoked);
        pointer.CheckAllows(release);
        return pointer;
    }

    /// <summary>The same pointer with the next number and a later expiry.</summary>
    /// <param name="history">Of the channel's product and platform.</param>
    /// <param name="channel">The channel, which is not deleted.</param>
    /// <exception cref="ChunkOtaException"><c>KEY_REMOVED</c>, <c>POINTER_INVALID</c>.</exception>
    public VerifiedPointer Renew(PointerHistory history, string channel) =>
        Renew(history, channel, history.Revoked);

    /// <summary>The pointers of all channels that withdraw a release.</summary>
    /// <param name="history">Of the release's product and platform.</param>
    /// <param name="manifest">The digest of the release's manifest; it is current in no channel.</param>
    /// <exception cref="ChunkOtaException"><c>KEY_REMOVED</c>, <c>POINTER_INVALID</c>.</exception>
    public IReadOnlyList<VerifiedPointer> Withdraw(PointerHistory history, ByteString manifest) =>
        [.. history.Live.Keys.Select(channel => Renew(history, channel, history.Revoked.Append(manifest)))];

    /// <summary>The pointers of all channels that no longer withdraw some releases.</summary>
    /// <param name="history">Of the releases' product and platform.</param>
    /// <param name="manifests">The digests of their manifests.</param>
    /// <exception cref="ChunkOtaException"><c>KEY_REMOVED</c>, <c>POINTER_INVALID</c>.</exception>
    public IReadOnlyList<VerifiedPointer> Reinstate(PointerHistory history, IReadOnlyList<ByteString> manifests) =>
        [.. history.Live.Keys.Select(channel => Renew(history, channel, history.Revoked.Except(manifests)))];

    /// <summary>Refuses to sign on top of what a removed key demands: a thief's demands would hold for ever, and those
    /// that the publisher signed would be lost in silence.</summary>
    /// <param name="history">Of a product and platform.</param>
    /// <param name="channel">The channel whose pointer is to be signed.</param>
    /// <param name="keys">The publisher's keys.</param>
    /// <exception cref="ChunkOtaException"><c>KEY_REMOVED</c>, with the command that decides in its hint.</exception>
    public static void CheckDecided(PointerHistory history, string channel, PublisherKeys keys)
    {
        if (history.FindUndecided(channel) is not { } undecided)
            return;
        var of = undecided.Pointer.Value;
        throw new ChunkOtaException(
            ErrorCodes.KeyRemoved,
            $"no pointer of {of.Product} for {of.Platform} was signed: the last one of channel {of.Channel} is of a "
            + $"key that the trust root no longer lists, and it {undecided.Demands}: drop that if the key was stolen, "
            + "else keep it")
        {
            Hint = $"ota-admin channels renew {of.Product} {of.Channel} --platform {of.Platform} --keys "
                + $"{Path.GetDirectoryName(keys.RootPath)} --removed-key drop (or keep)",
        };
    }

    private VerifiedPointer Renew(PointerHistory history, string channel, IEnumerable<ByteString> revoked)
    {
        CheckDecided(history, channel, keys);
        return Sign(PointerDocuments.Renewed(history.Carry(channel)!, clock.GetUtcNow(), life), history, revoked);
    }

    private VerifiedPointer Sign(
        ChannelPointer pointer, PointerHistory history, IEnumerable<ByteString> revoked)
    {
        pointer.Seq = Math.Max(pointer.Seq, history.LeastNumber);
        pointer.Revoked.Add(revoked);
        return PointerDocuments.Sign(pointer, keys);
    }
}
