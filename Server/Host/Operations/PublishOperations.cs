using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Storage;
using Google.Protobuf;

namespace ChunkOta.Server;

/// <summary>Taking releases in: what publishing.proto and Chunks.PutFrames promise.</summary>
internal sealed partial class PublishOperations(
    ICatalogue catalogue, IObjectStore objects, PackWriterPool slots, ReleaseCommitter committer,
    DeltaRequests deltas, ILogger<PublishOperations> log)
{
    private const int MaxFilesPerCall = 8192;
    private const int MaxHashesPerCall = 16_384;

    /// <summary>A lease is renewed after so many frames or pieces; its row is written at most once a minute.</summary>
    private const int RenewEvery = 256;

    /// <param name="maxReleaseBytes">What the files of a release may weigh together.</param>
    public async Task<BeginPublishResponse> BeginAsync(
        Caller caller, BeginPublishRequest request, long maxReleaseBytes, CancellationToken cancellationToken)
    {
        caller.DemandPublish(request.Product);
        Names.CheckPlatform(request.Platform);
        Names.CheckChannel(request.Channel);
        var version = ReleaseVersion.Parse(request.Version);
        var product = await GetProductAsync(request.Product, cancellationToken);
        if (!request.AllowOlder) await CheckIsGreatestAsync(request, version, cancellationToken);

        var newest = await catalogue.Releases.FindNewestAsync(request.Product, request.Platform, cancellationToken);
        var existing = await catalogue.Releases.FindReleaseAsync(
            request.Product, request.Platform, request.Version, cancellationToken);
        var channel = await catalogue.Releases.FindChannelAsync(
            request.Product, request.Platform, request.Channel, cancellationToken);
        var lease = await catalogue.Publishes.BeginAsync(
            request.Product, request.Platform, request.Version, request.Channel, request.AllowOlder, cancellationToken);
        LogBegun(lease.Product, lease.Version, lease.Platform, lease.Channel, caller.Id);
        return new BeginPublishResponse
        {
            PublishId = ByteString.CopyFrom(lease.Id.ToByteArray()),
            LeaseSeconds = (uint)IPublishLeases.Lifetime.TotalSeconds,
            Cut = product.Cut.ToDocument(),
            Root = product.Root.ToEnvelope(),
            NewestManifest = newest?.ToDocumentRef(),
            ExistingManifest = existing?.ToDocumentRef(),
            Pointer = channel is null ? null : Envelope.Parser.ParseFrom(channel.Envelope.Span),
            MaxReleaseBytes = (ulong)maxReleaseBytes,
        };
    }

    public async Task<FindFilesResponse> FindFilesAsync(
        Caller caller, FindFilesRequest request, CancellationToken cancellationToken)
    {
        var lease = await RenewAsync(caller, ToPublishId(request.PublishId.Span), cancellationToken);
        Demand(request.Files.Count <= MaxFilesPerCall,
            $"{request.Files.Count} files were asked for; {MaxFilesPerCall} is the most a call may");

        var digests = request.Files.Select(file => file.Digest.ToDigest()).ToList();
        var known = await catalogue.Releases.FindFilesAsync(lease.Product, digests, cancellationToken);
        var response = new FindFilesResponse();
        for (var i = 0; i < known.Count; i++)
        {
            if (known[i] is not { } file || file.Size != (long)request.Files[i].Size) continue;
            response.Known.Add(
                new Protos.V1.KnownFile { Index = (uint)i, Recipe = file.Recipe?.ToByteString() ?? ByteString.Empty });
        }

        return response;
    }

    public async Task<FindMissingResponse> FindMissingAsync(
        Caller caller, FindMissingRequest request, CancellationToken cancellationToken)
    {
        await RenewAsync(caller, ToPublishId(request.PublishId.Span), cancellationToken);
        var count = request.Hashes.Length / Digest.Size;
        Demand(count <= MaxHashesPerCall, $"{count} hashes were asked for; {MaxHashesPerCall} is the most a call may");
        if (request.Hashes.Length % Digest.Size != 0)
            throw new ChunkOtaException(
                ErrorCodes.Usage, $"{request.Hashes.Length} bytes are not hashes of {Digest.Size} bytes each");

        var hashes = new Digest[count];
        for (var i = 0; i < count; i++)
            hashes[i] = Digest.FromBytes(request.Hashes.Span.Slice(i * Digest.Size, Digest.Size));
        var missing = new byte[(count + 7) / 8];
        await catalogue.Chunks.FindMissingAsync(hashes, missing, cancellationToken);
        return new FindMissingResponse { Missing = UnsafeByteOperations.UnsafeWrap(missing) };
    }

    public async Task<PutFramesResponse> PutFramesAsync(
        Caller caller, IAsyncEnumerable<PushedFrame> frames, CancellationToken cancellationToken)
    {
        FrameIntake? intake = null;
        try
        {
            var publish = Guid.Empty;
            var count = 0;
            await foreach (var pushed in frames)
            {
                using var _ = pushed;
                if (count++ % RenewEvery == 0 || ToPublishId(pushed.PublishId.Span) != publish)
                    publish = (await RenewAsync(caller, ToPublishId(pushed.PublishId.Span), cancellationToken)).Id;
                intake ??= new FrameIntake(objects, catalogue.Chunks, slots, publish);
                await intake.AddAsync(pushed.Frame, pushed.ChunkBytes, cancellationToken);
            }

            if (intake is null) return new PutFramesResponse();
            await intake.FinishAsync(cancellationToken);
            return new PutFramesResponse
            {
                NewChunks = (ulong)intake.NewChunks,
                NewPlainBytes = (ulong)intake.NewPlainBytes,
                StoredBytes = (ulong)intake.StoredBytes,
            };
        }
        finally
        {
            if (intake is not null) await intake.DisposeAsync();
        }
    }

    public async Task<PutRecipesResponse> PutRecipesAsync(
        Caller caller, IAsyncEnumerable<PutRecipesRequest> pieces, CancellationToken cancellationToken)
    {
        var intake = new RecipeIntake(objects, catalogue.Chunks);
        var publish = Guid.Empty;
        var count = 0;
        await foreach (var piece in pieces)
        {
            if (count++ % RenewEvery == 0 || ToPublishId(piece.PublishId.Span) != publish)
                publish = (await RenewAsync(caller, ToPublishId(piece.PublishId.Span), cancellationToken)).Id;
            await intake.AddAsync(piece.Piece.Memory, piece.Ends, cancellationToken);
        }

        await intake.FinishAsync(cancellationToken);
        return new PutRecipesResponse { Recipes = (ulong)intake.Recipes, StoredBytes = (ulong)intake.StoredBytes };
    }

    /// <param name="maxManifestBytes">Payload of a manifest at most.</param>
    public async Task<CommitResponse> CommitAsync(
        Caller caller, IAsyncEnumerable<CommitRequest> parts, int maxManifestBytes, CancellationToken cancellationToken)
    {
        var manifest = new IncomingManifest(catalogue.Publishes, caller, maxManifestBytes);
        Envelope? pointer = null;
        await foreach (var part in parts)
        {
            if (part.Header is { } header)
            {
                await manifest.BeginAsync(header.PublishId.Memory, header.ManifestEnvelopeBytes, cancellationToken);
                pointer = header.Pointer;
            }
            else
            {
                manifest.Add(part.ManifestPiece.Span);
            }
        }

        if (pointer is null)
            throw new ChunkOtaException(ErrorCodes.Usage, "The commit ended before its header and pointer had come");
        return await CommitAsync(caller, manifest.Lease, manifest.Whole, pointer, cancellationToken);
    }

    private async Task<CommitResponse> CommitAsync(
        Caller caller, PublishLease lease, ReadOnlyMemory<byte> envelope, Envelope pointer,
        CancellationToken cancellationToken)
    {
        var (digest, outcome) = await committer.CommitAsync(lease, envelope, pointer, cancellationToken);
        LogCommitted(
            lease.Product, lease.Version, lease.Platform, lease.Channel, digest, outcome.IsAlreadyPublished, caller.Id);
        await deltas.EnqueueForAsync(digest, cancellationToken);
        return new CommitResponse
        {
            ManifestDigest = digest.ToByteString(),
            AlreadyPublished = outcome.IsAlreadyPublished,
            Totals = outcome.Figures.ToTotals(),
        };
    }

    /// <summary>Finds the publish, prolongs its lease, and checks that the caller may go on with it.</summary>
    private async ValueTask<PublishLease> RenewAsync(Caller caller, Guid publish, CancellationToken cancellationToken)
    {
        var lease = await catalogue.Publishes.RenewAsync(publish, cancellationToken);
        caller.DemandPublish(lease.Product);
        return lease;
    }

    /// <summary>The id of a publish as it came.</summary>
    /// <exception cref="ChunkOtaException">PUBLISH_UNKNOWN: it is none.</exception>
    public static Guid ToPublishId(ReadOnlySpan<byte> publishId) => publishId.Length == 16
        ? new Guid(publishId)
        : throw new ChunkOtaException(ErrorCodes.PublishUnknown, $"A publish id has 16 bytes, not {publishId.Length}");

    private async Task CheckIsGreatestAsync(
        BeginPublishRequest request, ReleaseVersion version, CancellationToken cancellationToken)
    {
        var others = await catalogue.Releases.ListChannelVersionsAsync(
            request.Product, request.Platform, request.Channel, cancellationToken);
        if (others.Count != 0 && others.Max(ReleaseVersion.Parse) is var greatest && greatest.CompareTo(version) > 0)
        {
            throw new ChunkOtaException(ErrorCodes.VersionNotGreater,
                $"Channel {request.Channel} of {request.Product} has had {greatest}, which is greater than "
                    + $"{version}; publish a greater version, or allow older ones");
        }
    }

    private async ValueTask<ProductRecord> GetProductAsync(string name, CancellationToken cancellationToken) =>
        await catalogue.Identities.FindProductAsync(name, cancellationToken)
            ?? throw new ChunkOtaException(
                ErrorCodes.ProductUnknown,
                $"There is no product {OneLine.Of(name)}; ota-admin products create makes one");

    private static void Demand(bool isWithin, string what)
    {
        if (!isWithin) throw new ChunkOtaException(ErrorCodes.TooLarge, what);
    }

    [LoggerMessage(4010, LogLevel.Information,
        "Publish of {Product} {Version} ({Platform}) to {Channel} begun by {Caller}")]
    private partial void LogBegun(string product, string version, string platform, string channel, string caller);

    [LoggerMessage(4011, LogLevel.Information,
        "{Product} {Version} ({Platform}) is current in {Channel}: manifest {Manifest}, already published "
            + "{IsAlreadyPublished}, by {Caller}")]
    private partial void LogCommitted(
        string product, string version, string platform, string channel, Digest manifest, bool isAlreadyPublished,
        string caller);
}
