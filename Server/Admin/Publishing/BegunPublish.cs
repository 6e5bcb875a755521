using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>
/// A publish that the server has opened, with what it said verified: nothing else of it is signed on to.
/// </summary>
internal sealed class BegunPublish
{
    /// <summary>Names the publish in later calls.</summary>
    public required ByteString Id { get; init; }

    /// <summary>The parameters that the product's files are cut with.</summary>
    public required CutParameters Cut { get; init; }

    /// <summary>The release with the highest counter of the product and platform; null before the first.</summary>
    public required VerifiedManifest? Newest { get; init; }

    /// <summary>The channel's pointer; null before the first.</summary>
    public required VerifiedPointer? Pointer { get; init; }

    /// <summary>The release that already bears the version, if there is one.</summary>
    public required VerifiedManifest? Existing { get; init; }

    /// <summary>The largest total size of a release's files, bytes; 0: the server does not say.</summary>
    public required ulong MaxReleaseBytes { get; init; }

    /// <summary>Opens a publish and verifies the documents that it builds on.</summary>
    /// <exception cref="ChunkOtaException">
    /// What the server refused; <c>ROOT_CHAIN</c>: its root is not ours; <c>SIG_INVALID</c>, <c>WRONG_TARGET</c>, …:
    /// its documents are not what they should be.
    /// </exception>
    public static async Task<BegunPublish> OpenAsync(
        Session session, PublishOptions options, PublisherKeys keys, CancellationToken cancellationToken)
    {
        var begun = await session.Publishing.BeginPublishAsync(new BeginPublishRequest
        {
            Product = options.Product,
            Platform = options.Platform,
            Version = options.Version,
            Channel = options.Channel,
            AllowOlder = options.AllowsOlder,
        }, cancellationToken: cancellationToken);
        CheckRoot(begun.Root, keys.Root, options);
        var newest = await ReadAsync(session, begun.NewestManifest, options, keys, cancellationToken);
        var existing = begun.ExistingManifest is { } known && known.Equals(begun.NewestManifest)
            ? newest
            : await ReadAsync(session, begun.ExistingManifest, options, keys, cancellationToken);
        if (existing is not null && existing.Value.Version != options.Version)
            throw new ChunkOtaException(ErrorCodes.WrongTarget,
                $"the server takes {options.Product} {existing.Value.Version} for {options.Version}");
        return new BegunPublish
        {
            Id = begun.PublishId,
            Cut = begun.Cut.ToChunking(),
            Newest = newest,
            Pointer = ReadPointer(begun.Pointer, options.Product, options.Platform, options.Channel, keys),
            Existing = existing,
            MaxReleaseBytes = begun.MaxReleaseBytes,
        };
    }

    /// <summary>Verifies a pointer and that it is this channel's; null for none.</summary>
    public static VerifiedPointer? ReadPointer(
        Envelope? envelope, string product, string platform, string channel, PublisherKeys keys)
    {
        if (envelope is null)
            return null;
        var pointer = VerifiedPointer.Verify(envelope, keys.Root);
        pointer.CheckFor(product, platform, channel);
        CheckPlatform(pointer.Value.Platform, platform);
        return pointer;
    }

    private static void CheckRoot(Envelope? theirs, VerifiedRoot ours, PublishOptions options)
    {
        if (theirs is null || SignedDocument.DigestOf(theirs) != ours.Digest)
        {
            throw new ChunkOtaException(ErrorCodes.RootChain,
                $"the server knows {options.Product} by another trust root than '{options.KeysDirectory}' holds: "
                + "publish with the product's newest root.json, or ask who changed it");
        }
    }

    private static async Task<VerifiedManifest?> ReadAsync(Session session, DocumentRef? named, PublishOptions options,
        PublisherKeys keys, CancellationToken cancellationToken)
    {
        if (named is null)
            return null;
        var envelope = await ManifestReader.ReadAsync(session, named, cancellationToken);
        var manifest = VerifiedManifest.Verify(envelope, keys.Root);
        manifest.CheckFor(options.Product, options.Platform);
        CheckPlatform(manifest.Value.Platform, options.Platform);
        return manifest;
    }

    /// <summary>
    /// A device of a platform may take what is for any; numbers are counted for each platform by itself.
    /// </summary>
    private static void CheckPlatform(string actual, string expected)
    {
        if (actual != expected)
            throw new ChunkOtaException(
                ErrorCodes.WrongTarget, $"the server sent a document for {actual} instead of {expected}");
    }
}

/// <summary>Reads a manifest from the server by its name.</summary>
internal static class ManifestReader
{
    private const long MaxEnvelopeBytes = 64L * 1024 * 1024;
    private const int SignatureBytes = 16 * 256;

    /// <summary>The envelope whose payload has the digest asked for; its signatures are still to be verified.</summary>
    /// <exception cref="ChunkOtaException"><c>TOO_LARGE</c>, <c>DIGEST_MISMATCH</c>, or what the server
    /// refused.</exception>
    public static async Task<Envelope> ReadAsync(
        Session session, DocumentRef named, CancellationToken cancellationToken)
    {
        if (named.PayloadBytes > MaxEnvelopeBytes)
        {
            throw new ChunkOtaException(ErrorCodes.TooLarge,
                $"the server names a manifest of {named.PayloadBytes} bytes, the limit is {MaxEnvelopeBytes}");
        }

        using var call = session.Releases.ReadManifest(
            new ReadManifestRequest { ManifestDigest = named.Digest }, cancellationToken: cancellationToken);
        using var bytes = new MemoryStream((int)named.PayloadBytes + SignatureBytes);
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            call.ResponseStream.Current.Piece.WriteTo(bytes);
            if (bytes.Length > (long)named.PayloadBytes + SignatureBytes)
                throw new ChunkOtaException(
                    ErrorCodes.TooLarge, "the server sends more than the manifest that it named");
        }

        bytes.Position = 0;
        var envelope = Envelope.Parser.ParseFrom(bytes);
        return SignedDocument.DigestOf(envelope) == named.Digest.ToDigest()
            ? envelope
            : throw new ChunkOtaException(
                ErrorCodes.DigestMismatch, "the manifest that the server sent is not the one it named");
    }
}
