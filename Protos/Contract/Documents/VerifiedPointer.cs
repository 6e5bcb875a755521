using ChunkOta.Chunking;
using Google.Protobuf;

namespace ChunkOta.Protos;

/// <summary>A trusted channel pointer: signed by enough channel keys, and following all rules.</summary>
/// <remarks>
/// Whether it is fresh and not older than one seen before is asked on its own, with a clock and a memory.
/// </remarks>
public sealed class VerifiedPointer
{
    /// <summary>The longest payload of a channel pointer, in bytes.</summary>
    public const int MaxPayloadBytes = 16 * 1024;

    private VerifiedPointer(Envelope envelope, ChannelPointer value)
    {
        Envelope = envelope;
        Value = value;
        Digest = SignedDocument.DigestOf(envelope);
    }

    /// <summary>The parsed document. Must not be changed.</summary>
    public ChannelPointer Value { get; }

    /// <summary>The document as it came, to be stored and passed on verbatim.</summary>
    public Envelope Envelope { get; }

    /// <summary>The document's name: the digest of its payload.</summary>
    public Digest Digest { get; }

    /// <summary>When it was signed, by the publisher's clock.</summary>
    public DateTimeOffset Issued => DateTimeOffset.FromUnixTimeSeconds(Value.IssuedUnixSeconds);

    /// <summary>Until when a new install may be made by it.</summary>
    public DateTimeOffset Expires => DateTimeOffset.FromUnixTimeSeconds(Value.ExpiresUnixSeconds);

    /// <summary>Verifies a pointer: length, signatures, then the bytes themselves, then every rule.</summary>
    /// <param name="envelope">The received document; nothing in it is trusted before.</param>
    /// <param name="root">The trust root in force.</param>
    /// <exception cref="ChunkOtaException">TOO_LARGE or POINTER_INVALID.</exception>
    /// <exception cref="SignatureRejectedException">As <see cref="SignedDocument.CheckSignatures"/>.</exception>
    public static VerifiedPointer Verify(Envelope envelope, VerifiedRoot root)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(root);
        if (envelope.Payload.Length > MaxPayloadBytes)
            throw new ChunkOtaException(ErrorCodes.TooLarge,
                $"a channel pointer of {SizeText.Of(envelope.Payload.Length)} is above the limit of "
                + SizeText.Of(MaxPayloadBytes));
        var keys = root.Keys(RoleKeys.ChannelRole);
        SignedDocument.CheckSignatures(envelope, PayloadTypes.Pointer, keys, null);
        var pointer = Parse(envelope.Payload);
        if (keys.AreLimited)
            SignedDocument.CheckSignatures(envelope, PayloadTypes.Pointer, keys, pointer.Product);
        PointerRules.Check(pointer);
        return new VerifiedPointer(envelope, pointer);
    }

    /// <summary>The product that an unverified pointer names: good for finding the trust root that verifies it, and for
    /// nothing else.</summary>
    /// <param name="envelope">What came.</param>
    /// <exception cref="ChunkOtaException">POINTER_INVALID: it is not a pointer.</exception>
    public static string PeekProduct(Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return Parse(envelope.Payload).Product;
    }

    /// <summary>Refuses a pointer of another product, platform or channel than was asked for.</summary>
    /// <param name="product">The product that was asked for.</param>
    /// <param name="platform">The platform that was asked for; a pointer for <c>any</c> fits each.</param>
    /// <param name="channel">The channel that was asked for.</param>
    /// <exception cref="ChunkOtaException">WRONG_TARGET.</exception>
    public void CheckFor(string product, string platform, string channel)
    {
        if (Value.Product != product || Value.Channel != channel
            || (Value.Platform != platform && Value.Platform != "any"))
            throw new ChunkOtaException(ErrorCodes.WrongTarget,
                $"the channel pointer is of {Value.Product} {Value.Channel} for {Value.Platform}, "
                + $"not of {product} {channel} for {platform}");
    }

    /// <summary>Refuses a pointer that has expired.</summary>
    /// <param name="now">The clock.</param>
    /// <exception cref="ChunkOtaException">EXPIRED.</exception>
    public void CheckFresh(DateTimeOffset now)
    {
        if (now >= Expires)
            throw new ChunkOtaException(ErrorCodes.Expired,
                $"what {Value.Product} {Value.Channel} points to expired on {UnixTime.Text(Expires)}: nothing new is "
                + "installed until its publisher renews the channel");
    }

    /// <summary>Refuses a pointer that was issued too far ahead of a clock.</summary>
    /// <param name="now">The clock.</param>
    /// <param name="owner">The machine that has it: <c>the server</c>.</param>
    /// <exception cref="ChunkOtaException">ISSUED_AHEAD.</exception>
    public void CheckIssued(DateTimeOffset now, string owner) => ClockRules.CheckIssued(
        $"the channel pointer of {Value.Product} {Value.Channel}", Issued, now, owner);

    /// <summary>Refuses a pointer that is older than one that was accepted, or another of the same number.</summary>
    /// <param name="previous">The last one that was accepted for the same product, platform and channel.</param>
    /// <exception cref="ChunkOtaException">ROLLBACK, EQUIVOCATION, or WRONG_TARGET: of another channel.</exception>
    public void CheckFollows(VerifiedPointer previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        CheckFor(previous.Value.Product, previous.Value.Platform, previous.Value.Channel);
        if (Value.Seq < previous.Value.Seq)
            throw new ChunkOtaException(ErrorCodes.Rollback,
                $"the channel pointer {Value.Seq} is older than {previous.Value.Seq}, which was accepted before");
        if (Value.Seq == previous.Value.Seq && Digest != previous.Digest)
            throw new ChunkOtaException(ErrorCodes.Equivocation,
                $"there are two channel pointers {Value.Seq}: {Digest} and {previous.Digest}");
    }

    /// <summary>Refuses a release that the pointer has withdrawn or that is below its floor.</summary>
    /// <param name="manifest">Of the same product and platform.</param>
    /// <exception cref="ChunkOtaException">REVOKED or ROLLBACK.</exception>
    public void CheckAllows(VerifiedManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (Value.Revoked.Any(revoked => revoked.ToDigest() == manifest.Digest))
            throw new ChunkOtaException(ErrorCodes.Revoked,
                $"{manifest.Head.Product} {manifest.Version} was withdrawn by its publisher");
        if (manifest.Head.Counter < Value.Floor)
            throw new ChunkOtaException(ErrorCodes.Rollback,
                $"{manifest.Head.Product} {manifest.Version} has the counter {manifest.Head.Counter}, "
                + $"its channel allows none below {Value.Floor}");
    }

    private static ChannelPointer Parse(ByteString payload)
    {
        try
        {
            return ChannelPointer.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            throw PointerRules.Invalid("the payload is not a ChannelPointer message");
        }
    }
}
