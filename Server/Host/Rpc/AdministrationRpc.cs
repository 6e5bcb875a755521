using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>The Administration service: each call names its caller and hands over to the operations.</summary>
internal sealed class AdministrationRpc(
    AdministrationOperations operations, TokenOperations tokens, AnchorOperations anchors, DeltaOperations deltas,
    Callers callers)
    : Administration.AdministrationBase
{
    public override Task<GetServerResponse> GetServer(GetServerRequest request, ServerCallContext context) =>
        Task.FromResult(operations.Describe());

    public override async Task<CreateProductResponse> CreateProduct(
        CreateProductRequest request, ServerCallContext context) =>
        await operations.CreateProductAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);

    public override async Task<ListProductsResponse> ListProducts(
        ListProductsRequest request, ServerCallContext context) =>
        await operations.ListProductsAsync(await callers.IdentifyAsync(context), context.CancellationToken);

    public override async Task<CreateTokenResponse> CreateToken(
        CreateTokenRequest request, ServerCallContext context) =>
        await tokens.CreateAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);

    public override async Task<ListTokensResponse> ListTokens(ListTokensRequest request, ServerCallContext context) =>
        await tokens.ListAsync(await callers.IdentifyAsync(context), context.CancellationToken);

    public override async Task<RevokeTokenResponse> RevokeToken(
        RevokeTokenRequest request, ServerCallContext context) =>
        await tokens.RevokeAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);

    public override async Task<ListChannelsResponse> ListChannels(
        ListChannelsRequest request, ServerCallContext context) =>
        await operations.ListChannelsAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);

    public override async Task<PutPointerResponse> PutPointer(PutPointerRequest request, ServerCallContext context) =>
        await operations.PutPointerAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);

    public override async Task<AddAnchorResponse> AddAnchor(AddAnchorRequest request, ServerCallContext context) =>
        await anchors.AddAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);

    public override async Task<RemoveAnchorResponse> RemoveAnchor(
        RemoveAnchorRequest request, ServerCallContext context) =>
        await anchors.RemoveAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);

    public override async Task<GetStatsResponse> GetStats(GetStatsRequest request, ServerCallContext context) =>
        await operations.GetStatsAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);

    public override async Task<ListDeltasResponse> ListDeltas(ListDeltasRequest request, ServerCallContext context) =>
        await deltas.ListAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);
}
