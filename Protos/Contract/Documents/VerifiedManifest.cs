using ChunkOta.Chunking;
using ChunkOta.Protos.V1;
using Google.Protobuf;
using CutParameters = ChunkOta.Chunking.CutParameters;

namespace ChunkOta.Protos;

/// <summary>A manifest that may be believed: signed by enough release keys of a trust root, and keeping all rules.</summary>
/// <remarks>That it is the one that was asked for is the caller's to check: <see cref="CheckFor"/> and digests.</remarks>
public sealed class VerifiedManifest
{
    private VerifiedManifest(Envelope envelope, Manifest value)
    {
        Envelope = envelope;
        Value = value;
        Digest = SignedDocument.DigestOf(envelope);
        Cut = value.Cut.ToChunking();
        Version = ReleaseVersion.Parse(value.Version);
    }

    /// <summary>What it says. Not to be changed.</summary>
    public Manifest Value { get; }

    /// <summary>The document as it came, to be stored and passed on verbatim.</summary>
    public Envelope Envelope { get; }

    /// <summary>What it is called: the digest of its payload.</summary>
    public Digest Digest { get; }

    /// <summary>Length of its payload in bytes.</summary>
    public long PayloadBytes => Envelope.Payload.Length;

    /// <summary>How its files were cut.</summary>
    public CutParameters Cut { get; }

    /// <summary>The release's version.</summary>
    public ReleaseVersion Version { get; }

    /// <summary>Sum of its files' sizes in bytes.</summary>
    public long TreeBytes => Value.Entries.Sum(entry => (long)entry.Size);

    /// <summary>Verifies a manifest: length, signatures, then the bytes themselves, then every rule.</summary>
    /// <param name="envelope">What came; nothing of it is believed before.</param>
    /// <param name="root">The trust root that counts now.</param>
    /// <param name="limits">How large it may be; null for the default.</param>
    /// <exception cref="ManifestInvalidException">TOO_LARGE, or as <see cref="ManifestRules"/>.</exception>
    /// <exception cref="SignatureRejectedException">As <see cref="SignedDocument.CheckSignatures"/>.</exception>
    public static VerifiedManifest Verify(Envelope envelope, VerifiedRoot root, ManifestLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(root);
        limits ??= ManifestLimits.Default;
        if (envelope.Payload.Length > limits.MaxPayloadBytes)
            throw new ManifestInvalidException(ErrorCodes.TooLarge,
                $"a manifest of {envelope.Payload.Length} bytes is above the limit of {limits.MaxPayloadBytes}");
        var keys = root.Keys(RoleKeys.ReleaseRole);
        SignedDocument.CheckSignatures(envelope, PayloadTypes.Manifest, keys, null);
        var manifest = Parse(envelope.Payload, limits);
        if (keys.AreLimited)
            SignedDocument.CheckSignatures(envelope, PayloadTypes.Manifest, keys, manifest.Product);
        ManifestRules.Check(manifest, limits);
        return new VerifiedManifest(envelope, manifest);
    }

    /// <summary>Refuses a manifest of another product or platform than was asked for.</summary>
    /// <param name="product">The product that was asked for.</param>
    /// <param name="platform">The platform that was asked for; a manifest for <c>any</c> fits each.</param>
    /// <exception cref="ChunkOtaException">WRONG_TARGET.</exception>
    public void CheckFor(string product, string platform)
    {
        if (Value.Product != product || (Value.Platform != platform && Value.Platform != "any"))
            throw new ChunkOtaException(ErrorCodes.WrongTarget,
                $"the manifest is of {Value.Product} for {Value.Platform}, not of {product} for {platform}");
    }

    private static Manifest Parse(ByteString payload, ManifestLimits limits)
    {
        try
        {
            // Counted first: entries of a few bytes would otherwise become objects of a hundred.
            var entries = CountEntries(payload);
            return entries <= limits.MaxEntries
                ? Manifest.Parser.ParseFrom(payload)
                : throw ManifestRules.TooMany(entries, limits);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new ManifestInvalidException(
                ErrorCodes.ManifestInvalid, "the manifest breaks a rule: it is no protobuf message Manifest");
        }
    }

    private static int CountEntries(ByteString payload)
    {
        const uint EntryTag = (Manifest.EntriesFieldNumber << 3) | (uint)WireFormat.WireType.LengthDelimited;
        var reader = payload.CreateCodedInput();
        var entries = 0;
        while (reader.ReadTag() is not 0 and var tag)
        {
            entries += tag == EntryTag ? 1 : 0;
            reader.SkipLastField();
        }
        return entries;
    }
}
