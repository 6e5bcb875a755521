using ChunkOta.Chunking;
using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>The Releases service over the operations.</summary>
internal sealed class ReleasesRpc(ServerOperations operations, CallerGate gate, ServerMetrics metrics)
    : Releases.ReleasesBase
{
    public override async Task<ListReleasesResponse> ListReleases(
        ListReleasesRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var page = await operations.Releases.ListAsync(caller, request.ToQuery(), context.CancellationToken);
        return page.ToMessage();
    }

    public override async Task ReadManifest(
        ReadManifestRequest request, IServerStreamWriter<ReadManifestResponse> responseStream,
        ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var pieces = operations.Releases.ReadManifestAsync(
            caller, request.ManifestDigest.ToManifestDigest(), context.CancellationToken);
        await foreach (var piece in pieces)
        {
            var message = new ReadManifestResponse { Piece = UnsafeByteOperations.UnsafeWrap(piece) };
            await responseStream.WriteAsync(message, context.CancellationToken);
            metrics.Sent(SentContent.Manifest, piece.Length);
        }
    }

    public override async Task FetchRecipes(
        FetchRecipesRequest request, IServerStreamWriter<FetchRecipesResponse> responseStream,
        ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var recipes = operations.Releases.ReadRecipesAsync(
            caller, request.ManifestDigest.ToManifestDigest(), request.Entries, request.Offset,
            context.CancellationToken);
        await foreach (var message in recipes.ToMessages(context.CancellationToken))
        {
            await responseStream.WriteAsync(message, context.CancellationToken);
            metrics.Sent(SentContent.Recipe, message.Pieces.Sum(piece => (long)piece.Data.Length));
        }
    }

    public override async Task FetchDelta(
        FetchDeltaRequest request, IServerStreamWriter<FetchDeltaResponse> responseStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var pieces = operations.Deltas.ReadAsync(
            caller, request.ManifestDigest.ToManifestDigest(), request.DeltaDigest.ToDeltaDigest(), request.Offset,
            context.CancellationToken);
        await foreach (var piece in pieces)
        {
            var message = new FetchDeltaResponse { Piece = UnsafeByteOperations.UnsafeWrap(piece) };
            await responseStream.WriteAsync(message, context.CancellationToken);
            metrics.Sent(SentContent.Delta, piece.Length);
        }
    }

    public override async Task<ForecastResponse> Forecast(ForecastRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var forecast = await operations.Forecasts.ForecastAsync(
            caller, request.ManifestDigest.ToManifestDigest(), request.Channel.NullIfEmpty(),
            request.Fleet.ToFleet(), context.CancellationToken);
        return forecast.ToMessage();
    }

    public override async Task ExplainUpdate(
        ExplainUpdateRequest request, IServerStreamWriter<ExplainUpdateResponse> responseStream,
        ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var to = request.ManifestDigest.ToManifestDigest();
        Digest? from = request.FromManifestDigest.IsEmpty ? null : request.FromManifestDigest.ToManifestDigest();
        var explanation = await operations.Explanations.ExplainAsync(caller, from, to, context.CancellationToken);
        await responseStream.WriteAllAsync(explanation.ToMessages(), context.CancellationToken);
    }
}
