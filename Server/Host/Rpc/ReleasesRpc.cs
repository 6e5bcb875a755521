using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>The Releases service: each call names its caller and hands over to the operations.</summary>
internal sealed class ReleasesRpc(
    ReleaseOperations operations, ForecastOperations forecasts, ExplainOperations explanations, Callers callers)
    : Releases.ReleasesBase
{
    public override async Task<ListReleasesResponse> ListReleases(
        ListReleasesRequest request, ServerCallContext context) =>
        await operations.ListAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);

    public override async Task ReadManifest(
        ReadManifestRequest request, IServerStreamWriter<ReadManifestResponse> responseStream,
        ServerCallContext context) =>
        await responseStream.WriteAllAsync(
            operations.ReadManifestAsync(await callers.IdentifyAsync(context), request, context.CancellationToken),
            context.CancellationToken);

    public override async Task FetchRecipes(
        FetchRecipesRequest request, IServerStreamWriter<FetchRecipesResponse> responseStream,
        ServerCallContext context) =>
        await responseStream.WriteAllAsync(
            operations.FetchRecipesAsync(await callers.IdentifyAsync(context), request, context.CancellationToken),
            context.CancellationToken);

    public override async Task FetchDelta(
        FetchDeltaRequest request, IServerStreamWriter<FetchDeltaResponse> responseStream, ServerCallContext context) =>
        await responseStream.WriteAllAsync(
            operations.FetchDeltaAsync(await callers.IdentifyAsync(context), request, context.CancellationToken),
            context.CancellationToken);

    public override async Task<ForecastResponse> Forecast(ForecastRequest request, ServerCallContext context) =>
        await forecasts.ForecastAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);

    public override async Task ExplainUpdate(
        ExplainUpdateRequest request, IServerStreamWriter<ExplainUpdateResponse> responseStream,
        ServerCallContext context) =>
        await responseStream.WriteAllAsync(
            explanations.ExplainAsync(await callers.IdentifyAsync(context), request, context.CancellationToken),
            context.CancellationToken);
}
