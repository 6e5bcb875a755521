using ChunkOta.Chunking;

namespace ChunkOta.Protos;

/// <summary>A trusted manifest: signed by enough release keys of a trust root, and following all rules.</summary>
/// <remarks>
/// That it is the one that was asked for is the caller's to check: <see cref="CheckFor"/> and digests.
/// </remarks>
public sealed class VerifiedManifest
{
    private VerifiedManifest(Envelope envelope, Manifest head, ManifestEntries entries)
    {
        Envelope = envelope;
        Head = head;
        Entries = entries;
        Digest = SignedDocument.DigestOf(envelope);
        Cut = head.Cut.ToChunking();
        Version = ReleaseVersion.Parse(head.Version);
    }

    /// <summary>The manifest without its entries. Must not be changed.</summary>
    public Manifest Head { get; }

    /// <summary>The entries, sorted by the bytes of their paths.</summary>
    public ManifestEntries Entries { get; }

    /// <summary>All that it says, as objects: made when it is first asked for, and not to be changed.</summary>
    /// <remarks>Several times as large as the payload; <see cref="Head"/> and <see cref="Entries"/> are not.</remarks>
    public Manifest Value => field ??= Manifest.Parser.ParseFrom(Envelope.Payload);

    /// <summary>The document as it came, to be stored and passed on verbatim.</summary>
    public Envelope Envelope { get; }

    /// <summary>The document's name: the digest of its payload.</summary>
    public Digest Digest { get; }

    /// <summary>Length of its payload in bytes.</summary>
    public long PayloadBytes => Envelope.Payload.Length;

    /// <summary>The parameters its files were cut with.</summary>
    public CutParameters Cut { get; }

    /// <summary>The release's version.</summary>
    public ReleaseVersion Version { get; }

    /// <summary>Sum of its files' sizes in bytes.</summary>
    public long TreeBytes => Entries.Sum(entry => (long)entry.Size);

    /// <summary>Verifies a manifest: length, signatures, then the bytes themselves, then every rule.</summary>
    /// <param name="envelope">The received document; nothing in it is trusted before.</param>
    /// <param name="root">The trust root in force.</param>
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
                $"a manifest of {SizeText.Of(envelope.Payload.Length)} is above the limit of "
                + SizeText.Of(limits.MaxPayloadBytes));
        var keys = root.Keys(RoleKeys.ReleaseRole);
        SignedDocument.CheckSignatures(envelope, PayloadTypes.Manifest, keys, null);
        var (head, entries) = ManifestEntries.Read(envelope.Payload.Memory, limits);
        if (keys.AreLimited)
            SignedDocument.CheckSignatures(envelope, PayloadTypes.Manifest, keys, head.Product);
        ManifestRules.Check(head, entries, limits);
        return new VerifiedManifest(envelope, head, entries);
    }

    /// <summary>Refuses a manifest of another product or platform than was asked for.</summary>
    /// <param name="product">The product that was asked for.</param>
    /// <param name="platform">The platform that was asked for; a manifest for <c>any</c> fits each.</param>
    /// <exception cref="ChunkOtaException">WRONG_TARGET.</exception>
    public void CheckFor(string product, string platform)
    {
        if (Head.Product != product || (Head.Platform != platform && Head.Platform != "any"))
            throw new ChunkOtaException(ErrorCodes.WrongTarget,
                $"the manifest is of {Head.Product} for {Head.Platform}, not of {product} for {platform}");
    }

    /// <summary>Refuses a manifest that was issued too far ahead of a clock.</summary>
    /// <param name="now">The clock.</param>
    /// <param name="owner">The machine that has it: <c>the server</c>.</param>
    /// <exception cref="ChunkOtaException">ISSUED_AHEAD.</exception>
    public void CheckIssued(DateTimeOffset now, string owner) => ClockRules.CheckIssued(
        $"the manifest of {Head.Product} {Head.Version}",
        DateTimeOffset.FromUnixTimeSeconds(Head.PublishedUnixSeconds), now, owner);
}
