using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>The Administration service over the operations.</summary>
internal sealed class AdministrationRpc(ServerOperations operations, ServerDescription server, TimeProvider clock)
    : Administration.AdministrationBase
{
    public override Task<GetServerResponse> GetServer(GetServerRequest request, ServerCallContext context) =>
        Task.FromResult(new GetServerResponse
        {
            Version = server.Version,
            CatalogueEngine = server.CatalogueEngine,
            TlsSpkiSha256 = ByteString.CopyFrom(server.TlsSpkiSha256.Span),
            TimeUnixSeconds = clock.GetUtcNow().ToUnixTimeSeconds(),
        });

    public override async Task<CreateProductResponse> CreateProduct(
        CreateProductRequest request, ServerCallContext context)
    {
        var caller = await operations.IdentifyAsync(context);
        var isNew = await operations.Products.CreateAsync(
            caller, request.Name, request.Cut?.ToChunking(), request.Root?.ToByteArray(), context.CancellationToken);
        return new CreateProductResponse { AlreadyThere = !isNew };
    }

    public override async Task<ListProductsResponse> ListProducts(
        ListProductsRequest request, ServerCallContext context)
    {
        var caller = await operations.IdentifyAsync(context);
        var products = await operations.Products.ListAsync(caller, context.CancellationToken);
        return new ListProductsResponse { Products = { products.Select(product => product.ToMessage()) } };
    }

    public override async Task<CreateTokenResponse> CreateToken(CreateTokenRequest request, ServerCallContext context)
    {
        var caller = await operations.IdentifyAsync(context);
        var token = await operations.Tokens.CreateAsync(caller, request.ToNewToken(), context.CancellationToken);
        return new CreateTokenResponse { Token = token.Text, TokenId = token.Id };
    }

    public override async Task<ListTokensResponse> ListTokens(ListTokensRequest request, ServerCallContext context)
    {
        var caller = await operations.IdentifyAsync(context);
        var tokens = await operations.Tokens.ListAsync(caller, context.CancellationToken);
        return new ListTokensResponse { Tokens = { tokens.Select(token => token.ToMessage()) } };
    }

    public override async Task<RevokeTokenResponse> RevokeToken(RevokeTokenRequest request, ServerCallContext context)
    {
        var caller = await operations.IdentifyAsync(context);
        await operations.Tokens.RevokeAsync(caller, request.TokenId, context.CancellationToken);
        return new RevokeTokenResponse();
    }

    public override async Task<ListChannelsResponse> ListChannels(
        ListChannelsRequest request, ServerCallContext context)
    {
        var caller = await operations.IdentifyAsync(context);
        var channels = await operations.Channels.ListAsync(
            caller, request.Product.NullIfEmpty(), context.CancellationToken);
        return new ListChannelsResponse { Channels = { channels.Select(channel => channel.ToMessage()) } };
    }

    public override async Task<PutPointerResponse> PutPointer(PutPointerRequest request, ServerCallContext context)
    {
        var caller = await operations.IdentifyAsync(context);
        await operations.Channels.PutPointerAsync(
            caller, request.Pointer?.ToByteArray() ?? [], context.CancellationToken);
        return new PutPointerResponse();
    }

    public override async Task<AddAnchorResponse> AddAnchor(AddAnchorRequest request, ServerCallContext context)
    {
        var caller = await operations.IdentifyAsync(context);
        var isNew = await operations.Anchors.AddAsync(
            caller, request.ManifestDigest.ToManifestDigest(), context.CancellationToken);
        return new AddAnchorResponse { AlreadyThere = !isNew };
    }

    public override async Task<RemoveAnchorResponse> RemoveAnchor(
        RemoveAnchorRequest request, ServerCallContext context)
    {
        var caller = await operations.IdentifyAsync(context);
        var wasThere = await operations.Anchors.RemoveAsync(
            caller, request.ManifestDigest.ToManifestDigest(), context.CancellationToken);
        return new RemoveAnchorResponse { WasThere = wasThere };
    }

    public override async Task<GetStatsResponse> GetStats(GetStatsRequest request, ServerCallContext context)
    {
        var caller = await operations.IdentifyAsync(context);
        var figures = await operations.Products.ReadFiguresAsync(
            caller, request.Product.NullIfEmpty(), context.CancellationToken);
        return figures.ToMessage();
    }

    public override async Task<ListDeltasResponse> ListDeltas(ListDeltasRequest request, ServerCallContext context)
    {
        var caller = await operations.IdentifyAsync(context);
        var deltas = await operations.Deltas.ListAsync(caller, request.Product, context.CancellationToken);
        return deltas.ToMessage();
    }
}
