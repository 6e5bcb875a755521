using System.Globalization;
using System.Text;
using ChunkOta.Chunking;
using Google.Protobuf;

namespace ChunkOta.Protos;

/// <summary>The envelope that every signed document travels in: how it is signed, named and checked.</summary>
/// <remarks>
/// What is signed is the DSSE pre-authentication encoding: <c>DSSEv1</c>, then length and bytes of the type, then
/// length and bytes of the payload, parted by single spaces, lengths in decimal. Verify first, parse after.
/// </remarks>
public static class SignedDocument
{
    /// <summary>The most signatures that an envelope may bear.</summary>
    public const int MaxSignatures = 16;

    /// <summary>The bytes that are signed for a payload of this type.</summary>
    /// <param name="payloadType">One of <see cref="PayloadTypes"/>.</param>
    /// <param name="payload">The exact bytes.</param>
    public static byte[] SignedBytes(string payloadType, ReadOnlySpan<byte> payload)
    {
        var head = SignedHead(payloadType, payload.Length);
        return [.. head, .. payload];
    }

    private static byte[] SignedHead(string payloadType, int payloadBytes)
    {
        ArgumentNullException.ThrowIfNull(payloadType);
        var typeBytes = Encoding.UTF8.GetByteCount(payloadType);
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"DSSEv1 {typeBytes} {payloadType} {payloadBytes} "));
    }

    /// <summary>Reads an envelope without copying its payload; nothing of it is verified.</summary>
    /// <param name="envelope">Its bytes; the payload is part of them, so they are not to be changed.</param>
    /// <exception cref="InvalidProtocolBufferException">It is none.</exception>
    public static Envelope Parse(ReadOnlyMemory<byte> envelope)
    {
        var ranges = new (int Start, int Bytes)[MessageFields.Count(envelope, Envelope.PayloadFieldNumber)];
        var parsed = Envelope.Parser.ParseFrom(MessageFields.Extract(envelope, Envelope.PayloadFieldNumber, ranges));
        if (ranges is [.., var (start, bytes)])
            parsed.Payload = UnsafeByteOperations.UnsafeWrap(envelope.Slice(start, bytes));
        return parsed;
    }

    /// <summary>An envelope's bytes, in parts of which one is the payload itself.</summary>
    /// <param name="envelope">Any envelope.</param>
    public static ReadOnlyMemory<byte>[] PartsOf(Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        using var head = new MemoryStream();
        using (var output = new CodedOutputStream(head, leaveOpen: true))
        {
            new Envelope { PayloadType = envelope.PayloadType }.WriteTo(output);
            output.WriteTag(Envelope.PayloadFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteLength(envelope.Payload.Length);
        }
        return [head.ToArray(), envelope.Payload.Memory,
            new Envelope { Signatures = { envelope.Signatures } }.ToByteArray()];
    }

    /// <summary>Signs a payload.</summary>
    /// <param name="payloadType">One of <see cref="PayloadTypes"/>.</param>
    /// <param name="payload">The exact bytes, kept verbatim from here on.</param>
    /// <param name="keys">1 to 16 keys; a key given twice signs once.</param>
    /// <returns>The envelope, its signatures sorted by public key.</returns>
    public static Envelope Sign(
        string payloadType, ReadOnlySpan<byte> payload, params ReadOnlySpan<SigningKey> keys)
    {
        var signed = SignedBytes(payloadType, payload);
        var signatures = new SortedDictionary<Digest, Signature>();
        foreach (var key in keys)
        {
            // A public key has a digest's length, and digests are ordered as their bytes.
            signatures.TryAdd(Digest.FromBytes(key.PublicKey.Span), new Signature
            {
                Key = ByteString.CopyFrom(key.PublicKey.Span),
                Signature_ = ByteString.CopyFrom(key.Sign(signed)),
            });
        }
        if (signatures.Count is 0 or > MaxSignatures)
            throw new ArgumentException($"A document is signed by 1 to {MaxSignatures} keys.", nameof(keys));
        return new Envelope
        {
            PayloadType = payloadType,
            Payload = ByteString.CopyFrom(payload),
            Signatures = { signatures.Values },
        };
    }

    /// <summary>The name of a document: the digest of its payload, whoever signed it.</summary>
    /// <param name="envelope">A document, verified or not.</param>
    public static Digest DigestOf(Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return Digest.Of(envelope.Payload.Span);
    }

    /// <summary>Checks that enough keys of a role signed the payload as a document of this type.</summary>
    /// <remarks>
    /// Signatures of keys that the role does not have are passed over: a document may be signed for two roots at once.
    /// One by a key of the role must be right, or the document is refused.
    /// </remarks>
    /// <param name="envelope">The received document, not trusted yet.</param>
    /// <param name="payloadType">The required type.</param>
    /// <param name="keys">The keys that must have signed it.</param>
    /// <param name="product">
    /// The product that it speaks of, whose keys alone count; null while that is not known, and for a trust root.
    /// </param>
    /// <exception cref="SignatureRejectedException">
    /// SIG_INVALID: another type, no signature of the role, a wrong one, or the list is out of order; THRESHOLD: too
    /// few distinct keys; TOO_MANY_SIGS: more than 16 signatures.
    /// </exception>
    public static void CheckSignatures(Envelope envelope, string payloadType, RoleKeys keys, string? product)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(keys);
        if (envelope.PayloadType != payloadType)
            throw Rejected(ErrorCodes.SigInvalid,
                $"this is a document of type {Shown(envelope.PayloadType)}, not {payloadType}");
        CheckList(envelope);
        var head = SignedHead(payloadType, envelope.Payload.Length);
        using var buffer = new NativeBytes(checked(head.Length + envelope.Payload.Length));
        var signed = buffer.Span;
        head.CopyTo(signed);
        envelope.Payload.Span.CopyTo(signed[head.Length..]);
        var valid = 0;
        foreach (var signature in envelope.Signatures)
        {
            if (!keys.Contains(signature.Key.Span, product))
                continue;
            if (!Ed25519.Verify(signature.Key.Span, signed, signature.Signature_.Span))
                throw Rejected(ErrorCodes.SigInvalid,
                    $"the signature of {keys.Role} key {ShortKey(signature.Key)} is wrong: the document was changed");
            valid++;
        }
        if (valid == 0)
            throw Rejected(ErrorCodes.SigInvalid, product is null
                ? $"no {keys.Role} key of the trust root signed this document"
                : $"no {keys.Role} key of the trust root that may sign for {Shown(product)} signed this document");
        if (valid < keys.Threshold)
            throw Rejected(ErrorCodes.Threshold,
                $"{valid} {keys.Role} key(s) signed this document, the trust root asks for {keys.Threshold}");
    }

    /// <summary>The envelope in DSSE's JSON form, for files that people keep; <c>keyid</c> is the key in hex.</summary>
    /// <param name="envelope">Any envelope.</param>
    public static string ToJson(Envelope envelope) => EnvelopeJson.Write(envelope);

    /// <summary>Reads DSSE's JSON form of an envelope; nothing of it is verified.</summary>
    /// <param name="json">UTF-8, at most 1 MiB.</param>
    /// <exception cref="SignatureRejectedException">SIG_INVALID: it is not that.</exception>
    public static Envelope FromJson(ReadOnlySpan<byte> json) => EnvelopeJson.Read(json);

    /// <summary>
    /// Checks what needs no key: 1 to 16 signatures of the right lengths, sorted by key, each key once.
    /// </summary>
    private static void CheckList(Envelope envelope)
    {
        if (envelope.Signatures.Count == 0)
            throw Rejected(ErrorCodes.SigInvalid, "this document is not signed");
        if (envelope.Signatures.Count > MaxSignatures)
            throw Rejected(ErrorCodes.TooManySigs,
                $"this document bears {envelope.Signatures.Count} signatures, the limit is {MaxSignatures}");
        ReadOnlySpan<byte> previous = [];
        foreach (var signature in envelope.Signatures)
        {
            if (signature.Key.Length != Ed25519.PublicKeyBytes
                || signature.Signature_.Length != Ed25519.SignatureBytes)
                throw Rejected(ErrorCodes.SigInvalid, "a signature of this document has the wrong length");
            if (previous.SequenceCompareTo(signature.Key.Span) >= 0)
                throw Rejected(ErrorCodes.SigInvalid,
                    "the signatures of this document are not sorted by key, or a key signed twice");
            previous = signature.Key.Span;
        }
    }

    private static SignatureRejectedException Rejected(string code, string message) => new(code, message);

    private static string ShortKey(ByteString key) => Convert.ToHexStringLower(key.Span[..4]) + "…";

    private static string Shown(string text) => '"' + OneLine.Of(text.Length > 128 ? text[..128] : text) + '"';
}
