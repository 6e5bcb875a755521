using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>The Devices service over the operations.</summary>
internal sealed class DevicesRpc(
    ServerOperations operations,
    CallerGate gate,
    DeviceSettings settings,
    IHostApplicationLifetime lifetime,
    ServerMetrics metrics,
    TimeProvider clock)
    : Devices.DevicesBase
{
    public override async Task<EnrolResponse> Enrol(EnrolRequest request, ServerCallContext context)
    {
        var device = await gate.EnrolAsync(
            context.GetHttpContext(), Convert.ToHexString([.. request.TokenId.Span, .. request.TokenSecret.Span]),
            () => operations.Enrolment.EnrolAsync(request.ToWanted(), context.CancellationToken));
        return new EnrolResponse { DeviceId = device.Id, Product = device.Product, Channel = device.Channel };
    }

    public override async Task CheckForUpdate(
        CheckForUpdateRequest request, IServerStreamWriter<CheckForUpdateResponse> responseStream,
        ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        var answer = await operations.Updates.CheckAsync(caller, request.ToQuery(), context.CancellationToken);
        var messages = answer.ToMessages(request.HeldTransfer, settings.PollSeconds);
        foreach (var message in messages)
        {
            await responseStream.WriteAsync(message, context.CancellationToken);
            metrics.Sent(SentContent.Manifest, message.TransferPiece.Length);
        }
    }

    public override async Task WatchChannels(
        WatchChannelsRequest request, IServerStreamWriter<WatchChannelsResponse> responseStream,
        ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        // A server that stops does not wait for devices that only listen.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(
            context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            var hasMoved = false;
            await foreach (var delay in await operations.Updates.ListenAsync(caller, request.Product, end.Token))
            {
                await responseStream.WriteAsync(
                    new WatchChannelsResponse
                    {
                        HasMoved = hasMoved,
                        DelayMilliseconds = (uint)delay.TotalMilliseconds,
                    },
                    end.Token);
                hasMoved = true;
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The stream ends; the device connects again.
            return;
        }
    }

    public override async Task<ReportResponse> Report(ReportRequest request, ServerCallContext context)
    {
        var caller = await gate.IdentifyAsync(context);
        if (request.State is DeviceState.Downloading or DeviceState.Staged)
        {
            operations.Reports.NoteProgress(
                caller, new UpdateStep((int)request.Stage, (int)request.Cause, request.BytesPerSecond));
        }
        else
        {
            var report = request.ToReport(caller.Id, clock.GetUtcNow());
            await operations.Reports.ReportAsync(caller, report, context.CancellationToken);
        }

        return new ReportResponse { NextPollSeconds = (uint)settings.PollSeconds };
    }
}
