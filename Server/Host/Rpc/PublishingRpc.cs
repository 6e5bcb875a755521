using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>The Publishing service over the operations.</summary>
internal sealed class PublishingRpc(ServerOperations operations, CallerGate gate, TimeProvider clock)
    : Publishing.PublishingBase
{
    public override async Task<BeginPublishResponse> BeginPublish(
        BeginPublishRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var start = await operations.Publishing.BeginAsync(caller, request.ToNewPublish(), context.CancellationToken);
        return start.ToMessage(clock.GetUtcNow());
    }

    public override async Task<FindFilesResponse> FindFiles(FindFilesRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var known = await operations.Uploads.FindFilesAsync(
            caller, request.PublishId.ToPublishId(), [.. request.Files.Select(file => file.Digest.ToDigest())],
            context.CancellationToken);
        return known.ToMessage(request);
    }

    public override async Task<FindMissingResponse> FindMissing(
        FindMissingRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var missing = await operations.Uploads.FindMissingAsync(
            caller, request.PublishId.ToPublishId(), request.ToHashes(), context.CancellationToken);
        return new FindMissingResponse { Missing = UnsafeByteOperations.UnsafeWrap(missing) };
    }

    public override async Task<PutRecipesResponse> PutRecipes(
        IAsyncStreamReader<PutRecipesRequest> requestStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var pieces = requestStream.ReadAllAsync(context.CancellationToken).ToPieces();
        var figures = await operations.Uploads.PutRecipesAsync(caller, pieces, context.CancellationToken);
        return new PutRecipesResponse { Recipes = (ulong)figures.Recipes, StoredBytes = (ulong)figures.StoredBytes };
    }

    public override async Task<ForecastResponse> ForecastPublish(
        IAsyncStreamReader<ForecastPublishRequest> requestStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        using var upload = await operations.UploadGate.EnterAsync(caller, context.CancellationToken);
        var parts = upload.ReadAsync(
            requestStream.ReadAllAsync(context.CancellationToken), part => part.CalculateSize(), null,
            context.CancellationToken);
        var manifest = operations.Publishing.ReceiveManifest(caller);
        IReadOnlyList<FleetPart> fleet = [];
        await foreach (var part in parts)
        {
            if (part.Header is { } header)
            {
                await manifest.BeginAsync(header.ToManifestHeader(), context.CancellationToken);
                fleet = header.Fleet.ToFleet();
            }
            else
            {
                manifest.Add(part.ManifestPiece.Span);
            }
        }

        var forecast = await operations.Forecasts.ForecastPublishAsync(manifest, fleet, context.CancellationToken);
        return forecast.ToMessage();
    }

    public override async Task<CommitResponse> Commit(
        IAsyncStreamReader<CommitRequest> requestStream, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        using var upload = await operations.UploadGate.EnterAsync(caller, context.CancellationToken);
        var parts = upload.ReadAsync(
            requestStream.ReadAllAsync(context.CancellationToken), part => part.CalculateSize(), null,
            context.CancellationToken);
        var manifest = operations.Publishing.ReceiveManifest(caller);
        ReadOnlyMemory<byte>? pointer = null;
        await foreach (var part in parts)
        {
            if (part.Header is { } header)
            {
                await manifest.BeginAsync(header.ToManifestHeader(), context.CancellationToken);
                if (header.Pointer is { } sent) pointer = sent.ToByteArray();
            }
            else
            {
                manifest.Add(part.ManifestPiece.Span);
            }
        }

        var commit = await operations.Publishing.CommitAsync(caller, manifest, pointer, context.CancellationToken);
        return commit.ToMessage();
    }
}
