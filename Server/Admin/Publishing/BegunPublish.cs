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

    /// <summary>True if recipes and floor of the newest release can be signed again: a key that the newest root lists
    /// signed it.</summary>
    public required bool IsNewestTrusted { get; init; }

    /// <summary>The entries of the newest release whose files the product does not have with the signed
    /// recipe.</summary>
    public required IReadOnlySet<int> UnknownEntries { get; init; }

    /// <summary>The channel's pointer; null before the first.</summary>
    public required VerifiedPointer? Pointer { get; init; }

    /// <summary>The last pointers of all channels of the product and platform.</summary>
    public required PointerHistory History { get; init; }

    /// <summary>The release that already bears the version, if there is one.</summary>
    public required VerifiedManifest? Existing { get; init; }

    /// <summary>The store may lack something of <see cref="Existing"/>.</summary>
    public bool IsIncomplete { get; init; }

    /// <summary>The release that already bears the version, if the server lost its manifest.</summary>
    public LostManifest? Lost { get; init; }

    /// <summary>The server's time when the publish began.</summary>
    public required DateTimeOffset ServerTime { get; init; }

    /// <summary>The largest total size of a release's files, bytes; 0: the server does not say.</summary>
    public required ulong MaxReleaseBytes { get; init; }

    /// <summary>The counter of the release that is published.</summary>
    /// <exception cref="ChunkOtaException"><c>MANIFEST_INVALID</c>: none is left.</exception>
    public ulong NextCounter => LastCounter is var last && last < long.MaxValue
        ? Math.Max(last + 1, History.LeastNumber)
        : throw new ChunkOtaException(
            ErrorCodes.ManifestInvalid,
            $"no release can follow the newest one of this platform: it has the counter {last}, the largest is "
            + $"{long.MaxValue}: ask the server's operator for the release before it");

    /// <summary>The highest counter of all documents that were verified. Pointers name it, too, when the store lost the
    /// newest manifest.</summary>
    public ulong LastCounter => History.Live.Values.Select(pointer => pointer.Value.Current.Counter)
        .Append(Newest?.Value.Counter ?? 0).Max();

    /// <summary>The lowest counter that the newest release allows; 0 if a key signed it that was removed.</summary>
    public ulong Floor => IsNewestTrusted ? Newest!.Value.Floor : 0;

    /// <summary>The floor of the release that is published: no lower than that of the newest one.</summary>
    public ulong FloorFor(PublishOptions options) => Math.Max(options.Floor, Floor);

    /// <summary>Refuses a release whose counter devices could not accept.</summary>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: its floor is above it. <c>ROLLBACK</c>: the channel's floor
    /// is above it.</exception>
    public void CheckNumbers(PublishOptions options)
    {
        if (FloorFor(options) > NextCounter)
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"the floor is above the release's own counter: {FloorFor(options)} > {NextCounter}: no device could "
                + "install it");
        }

        if (Existing is null && Pointer is { } pointer && pointer.Value.Floor > NextCounter)
        {
            throw new ChunkOtaException(
                ErrorCodes.Rollback,
                $"the channel allows no counter below {pointer.Value.Floor}: the release would get {NextCounter}");
        }
    }

    /// <summary>Opens a publish and verifies the documents that it builds on.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="options">The release to publish.</param>
    /// <param name="size">The size of its tree: the server refuses an accident before anything is hashed.</param>
    /// <param name="keys">Verify the documents.</param>
    /// <exception cref="ChunkOtaException">
    /// What the server refused; <c>ROOT_CHAIN</c>: its root is not ours; <c>KEY_REMOVED</c>; <c>SIG_INVALID</c>,
    /// <c>WRONG_TARGET</c>, …: its documents are not what they should be.
    /// </exception>
    public static async Task<BegunPublish> OpenAsync(
        Session session, PublishOptions options, PlannedRelease size, PublisherKeys keys,
        CancellationToken cancellationToken)
    {
        var begun = await session.Publishing.BeginPublishAsync(new BeginPublishRequest
        {
            Product = options.Product,
            Platform = options.Platform,
            Version = options.Version,
            Channel = options.Channel,
            AllowOlder = options.AllowsOlder,
            AllowEmpty = options.AllowsEmpty,
            AllowShrink = options.AllowsShrink,
            CreateChannel = options.CreatesChannel,
            NewPlatform = options.AddsPlatform,
            AfterRestore = options.IsAfterRestore,
            Planned = size,
        }, cancellationToken: cancellationToken);
        CheckRoot(begun.Root, keys, options);
        var newest = await ReadAsync(session, begun.NewestManifest, options, keys, cancellationToken);
        var existing = begun.ExistingManifest is { } known && known.Equals(begun.NewestManifest)
            ? newest
            : await ReadAsync(session, begun.ExistingManifest, options, keys, cancellationToken);
        if (existing is not null)
            CheckStillSigned(existing, keys);
        if (existing is not null && existing.Value.Version != options.Version)
            throw new ChunkOtaException(ErrorCodes.WrongTarget,
                $"the server takes {options.Product} {existing.Value.Version} for {options.Version}");
        var history = PointerHistory.Verify(
            options.Product, options.Platform,
            begun.Pointer is null ? begun.OtherPointers : begun.OtherPointers.Append(begun.Pointer),
            begun.DeletedPointers, keys).From(begun.LeastNumber);
        if (begun.Pointer is not null && !history.Live.ContainsKey(options.Channel))
            throw new ChunkOtaException(
                ErrorCodes.WrongTarget, $"the server sent the pointer of another channel than {options.Channel}");
        PointerSigner.CheckDecided(history, options.Channel, keys);
        return new BegunPublish
        {
            Id = begun.PublishId,
            Cut = begun.Cut.ToChunking(),
            Newest = newest,
            IsNewestTrusted = newest is not null && keys.Vouches(root => CheckSigned(newest, root)),
            UnknownEntries = begun.NewestUnknownEntries.Select(entry => (int)entry).ToHashSet(),
            Pointer = history.Live.GetValueOrDefault(options.Channel),
            History = history,
            Existing = existing,
            IsIncomplete = begun.ExistingIsIncomplete,
            Lost = begun.LostManifest,
            ServerTime = DateTimeOffset.FromUnixTimeSeconds(begun.TimeUnixSeconds),
            MaxReleaseBytes = begun.MaxReleaseBytes,
        };
    }

    private static void CheckStillSigned(VerifiedManifest manifest, PublisherKeys keys)
    {
        try
        {
            CheckSigned(manifest, keys.Root);
        }
        catch (SignatureRejectedException e)
        {
            throw new ChunkOtaException(
                e.Code,
                $"{manifest.Head.Product} {manifest.Version} was signed by a release key that was removed: publish its "
                + "content as a new version", e);
        }
    }

    private static VerifiedManifest CheckSigned(VerifiedManifest manifest, VerifiedRoot root)
    {
        SignedDocument.CheckSignatures(
            manifest.Envelope, PayloadTypes.Manifest, root.Keys(RoleKeys.ReleaseRole), manifest.Head.Product);
        return manifest;
    }

    private static void CheckRoot(Envelope? theirs, PublisherKeys keys, PublishOptions options)
    {
        if (theirs is not null && SignedDocument.DigestOf(theirs) == keys.Root.Digest)
            return;
        var isBehind = theirs is not null
            && keys.Chain.Any(root => root != keys.Root && root.Digest == SignedDocument.DigestOf(theirs));
        throw new ChunkOtaException(ErrorCodes.RootChain, isBehind
            ? $"the server does not have trust root {keys.Root.Version} of {options.Product} yet: hand it over with "
                + $"ota-admin products root {options.Product} --root {keys.RootPath}"
            : $"the server knows {options.Product} by another trust root than '{keys.RootPath}': publish with the "
                + "product's newest root.json, or ask who changed it");
    }

    private static async Task<VerifiedManifest?> ReadAsync(Session session, DocumentRef? named, PublishOptions options,
        PublisherKeys keys, CancellationToken cancellationToken)
    {
        if (named is null)
            return null;
        var envelope = await ManifestReader.ReadAsync(session, named, cancellationToken);
        var manifest = keys.Verify(root => VerifiedManifest.Verify(envelope, root));
        manifest.CheckFor(options.Product, options.Platform);
        CheckPlatform(manifest.Head.Platform, options.Platform);
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
