using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>The Administration service over the operations.</summary>
internal sealed class AdministrationRpc(
    ServerOperations operations, CallerGate gate, ServerDescription server, TimeProvider clock)
    : Administration.AdministrationBase
{
    public override Task<GetServerResponse> GetServer(GetServerRequest request, ServerCallContext context) =>
        Task.FromResult(new GetServerResponse
        {
            Version = server.Version,
            CatalogueEngine = server.CatalogueEngine,
            TlsSpkiSha256 = ByteString.CopyFrom(server.ReadTlsSpki().Span),
            TimeUnixSeconds = clock.GetUtcNow().ToUnixTimeSeconds(),
        });

    public override async Task<CreateProductResponse> CreateProduct(
        CreateProductRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var isNew = await operations.Products.CreateAsync(
            caller, request.Name, request.Cut?.ToChunking(), request.Root?.ToByteArray(), context.CancellationToken);
        return new CreateProductResponse { AlreadyThere = !isNew };
    }

    public override async Task<SetQuotaResponse> SetQuota(SetQuotaRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var use = await operations.Products.SetQuotaAsync(
            caller, request.Product, request.HasQuotaBytes ? request.QuotaBytes : null, context.CancellationToken);
        return new SetQuotaResponse
        {
            StoredBytes = (ulong)use.StoredBytes,
            PendingBytes = (ulong)use.PendingBytes,
        };
    }

    public override async Task<PutRootsResponse> PutRoots(PutRootsRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var (added, version) = await operations.Products.PutRootsAsync(
            caller, request.Product, [.. request.Roots.Select(root => (ReadOnlyMemory<byte>)root.ToByteArray())],
            context.CancellationToken);
        return new PutRootsResponse { Added = (uint)added, RootVersion = version };
    }

    public override async Task ListProducts(
        ListProductsRequest request, IServerStreamWriter<ListProductsResponse> responseStream,
        ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var products = await operations.Products.ListAsync(caller, context.CancellationToken);
        await responseStream.WriteAllAsync(
            products.Select(product => product.ToMessage()).Spread(new ListProductsResponse(), part => part.Products),
            context.CancellationToken);
    }

    public override async Task<CreateTokenResponse> CreateToken(CreateTokenRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var token = await operations.Tokens.CreateAsync(caller, request.ToNewToken(), context.CancellationToken);
        return new CreateTokenResponse { Token = token.Text, TokenId = token.Id };
    }

    public override async Task ListTokens(
        ListTokensRequest request, IServerStreamWriter<ListTokensResponse> responseStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var tokens = await operations.Tokens.ListAsync(caller, context.CancellationToken);
        await responseStream.WriteAllAsync(
            tokens.Select(token => token.ToMessage()).Spread(new ListTokensResponse(), part => part.Tokens),
            context.CancellationToken);
    }

    public override async Task<RevokeTokenResponse> RevokeToken(RevokeTokenRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        await operations.Tokens.RevokeAsync(caller, request.TokenId, context.CancellationToken);
        var removed = request.WithDevices
            ? await operations.Enrolment.RemoveAsync(caller, request.TokenId, context.CancellationToken)
            : 0;
        return new RevokeTokenResponse { RemovedDevices = (ulong)removed };
    }

    public override async Task ListChannels(
        ListChannelsRequest request, IServerStreamWriter<ListChannelsResponse> responseStream,
        ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var channels = await operations.Channels.ListAsync(
            caller, request.Product.NullIfEmpty(), request.IncludeDeleted, context.CancellationToken);
        await responseStream.WriteAllAsync(
            channels.Select(channel => channel.ToMessage()).Spread(
                new ListChannelsResponse
                {
                    LeastNumber = await operations.Channels.ReadLeastNumberAsync(context.CancellationToken),
                },
                part => part.Channels),
            context.CancellationToken);
    }

    public override async Task<PutPointersResponse> PutPointers(
        IAsyncStreamReader<PutPointersRequest> requestStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        using var upload = await operations.UploadGate.EnterAsync(caller, context.CancellationToken);
        var request = await upload.ReadAsync(
            requestStream.ReadAllAsync(context.CancellationToken), part => part.CalculateSize(), null,
            context.CancellationToken).ReadWholeAsync();
        await operations.Channels.PutPointersAsync(
            caller, [.. request.Pointers.Select(pointer => (ReadOnlyMemory<byte>)pointer.ToByteArray())],
            new Withdrawals(
                request.WithdrawalReason, [.. request.Reinstated.Select(manifest => manifest.ToManifestDigest())]),
            request.CreateChannel, context.CancellationToken);
        return new PutPointersResponse();
    }

    public override async Task<DeleteChannelResponse> DeleteChannel(
        DeleteChannelRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var deleted = await operations.Channels.DeleteAsync(
            caller, request.Product, request.Name, request.Platform.NullIfEmpty(), request.Force,
            context.CancellationToken);
        return new DeleteChannelResponse { Platforms = { deleted.Platforms }, Devices = (ulong)deleted.Devices };
    }

    public override async Task Verify(
        VerifyRequest request, IServerStreamWriter<VerifyResponse> responseStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        await responseStream.WriteAllAsync(
            operations.Scrubs.VerifyToMessagesAsync(caller, request, context.CancellationToken),
            context.CancellationToken);
    }

    public override async Task<AddAnchorResponse> AddAnchor(AddAnchorRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var isNew = await operations.Anchors.AddAsync(
            caller, request.ManifestDigest.ToManifestDigest(), context.CancellationToken);
        return new AddAnchorResponse { AlreadyThere = !isNew };
    }

    public override async Task<RemoveAnchorResponse> RemoveAnchor(
        RemoveAnchorRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var wasThere = await operations.Anchors.RemoveAsync(
            caller, request.ManifestDigest.ToManifestDigest(), context.CancellationToken);
        return new RemoveAnchorResponse { WasThere = wasThere };
    }

    public override async Task<DeleteReleaseResponse> DeleteRelease(
        DeleteReleaseRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var (release, grace) = await operations.Collections.DeleteAsync(
            caller, request.ManifestDigest.ToManifestDigest(), request.Force, context.CancellationToken);
        return new DeleteReleaseResponse
        {
            Devices = (ulong)release.Devices,
            UntilUnixSeconds = (clock.GetUtcNow() + grace).ToUnixTimeSeconds(),
        };
    }

    public override async Task<UndeleteReleaseResponse> UndeleteRelease(
        UndeleteReleaseRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var platforms = await operations.Collections.UndeleteAsync(
            caller, request.Product, request.Version, request.Platform.NullIfEmpty(), context.CancellationToken);
        return new UndeleteReleaseResponse { Platforms = { platforms } };
    }

    public override async Task<SetRetentionResponse> SetRetention(
        SetRetentionRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        await operations.Collections.SetPolicyAsync(
            caller, request.Product, request.Channel, request.ToKeep(), context.CancellationToken);
        return new SetRetentionResponse();
    }

    public override async Task Collect(
        CollectRequest request, IServerStreamWriter<CollectResponse> responseStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        await responseStream.WriteAllAsync(
            CollectionProgressStream.RunAsync(
                (progress, cancellationToken) => operations.Collections.CollectAsync(
                    caller, progress, cancellationToken),
                context.CancellationToken),
            context.CancellationToken);
    }

    public override async Task PlanCollection(
        PlanCollectionRequest request, IServerStreamWriter<PlanCollectionResponse> responseStream,
        ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var plan = await operations.Collections.PlanAsync(caller, context.CancellationToken);
        await responseStream.WriteAllAsync(plan.ToMessages(), context.CancellationToken);
    }

    public override async Task<ExplainKeptResponse> ExplainKept(ExplainKeptRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        if (request.WhatCase == ExplainKeptRequest.WhatOneofCase.Chunk)
        {
            var kept = await operations.Collections.ExplainAsync(
                caller, request.Chunk.ToChunkDigest(), context.CancellationToken);
            return kept.ToMessage();
        }

        var releases = await operations.Collections.ExplainAsync(
            caller, request.Release?.Product ?? "", request.Release?.Version ?? "", context.CancellationToken);
        return new ExplainKeptResponse { Releases = { releases.Select(CollectionMessages.ToMessage) } };
    }

    public override async Task GetStats(
        GetStatsRequest request, IServerStreamWriter<GetStatsResponse> responseStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var figures = await operations.Products.ReadFiguresAsync(
            caller, request.Product.NullIfEmpty(), context.CancellationToken);
        await responseStream.WriteAllAsync(
            figures.ToMessages(operations.Reports.ReadRunning()), context.CancellationToken);
    }

    public override async Task ListDeltas(
        ListDeltasRequest request, IServerStreamWriter<ListDeltasResponse> responseStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var deltas = await operations.Deltas.ListAsync(caller, request.Product, context.CancellationToken);
        await responseStream.WriteAllAsync(deltas.ToMessages(), context.CancellationToken);
    }

    public override async Task PrepareDeltas(
        PrepareDeltasRequest request, IServerStreamWriter<ListDeltasResponse> responseStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var deltas = await operations.Deltas.PrepareAsync(
            caller, request.ToQuery(), request.Channel, context.CancellationToken);
        await responseStream.WriteAllAsync(deltas.ToMessages(), context.CancellationToken);
    }
}
