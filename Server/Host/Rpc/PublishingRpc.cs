using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>The Publishing service: each call names its caller and hands over to the operations.</summary>
internal sealed class PublishingRpc(
    PublishOperations operations, ForecastOperations forecasts, ServerSettings settings, Callers callers)
    : Publishing.PublishingBase
{
    public override async Task<BeginPublishResponse> BeginPublish(
        BeginPublishRequest request, ServerCallContext context) =>
        await operations.BeginAsync(
            await callers.IdentifyAsync(context), request, settings.Limits.ReleaseBytes, context.CancellationToken);

    public override async Task<FindFilesResponse> FindFiles(FindFilesRequest request, ServerCallContext context) =>
        await operations.FindFilesAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);

    public override async Task<FindMissingResponse> FindMissing(
        FindMissingRequest request, ServerCallContext context) =>
        await operations.FindMissingAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);

    public override async Task<PutRecipesResponse> PutRecipes(
        IAsyncStreamReader<PutRecipesRequest> requestStream, ServerCallContext context) =>
        await operations.PutRecipesAsync(
            await callers.IdentifyAsync(context), requestStream.ReadAllAsync(context.CancellationToken),
            context.CancellationToken);

    public override async Task<ForecastResponse> ForecastPublish(
        IAsyncStreamReader<ForecastPublishRequest> requestStream, ServerCallContext context) =>
        await forecasts.ForecastPublishAsync(
            await callers.IdentifyAsync(context),
            requestStream.ReadAllAsync(context.CancellationToken),
            settings.Limits.ManifestBytes,
            context.CancellationToken);

    public override async Task<CommitResponse> Commit(
        IAsyncStreamReader<CommitRequest> requestStream, ServerCallContext context) =>
        await operations.CommitAsync(
            await callers.IdentifyAsync(context),
            requestStream.ReadAllAsync(context.CancellationToken),
            settings.Limits.ManifestBytes,
            context.CancellationToken);
}
