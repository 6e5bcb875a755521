using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>The Devices service over the operations.</summary>
internal sealed class DevicesRpc(
    ServerOperations operations, CallerGate gate, DeviceSettings settings, TimeProvider clock)
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
        await responseStream.WriteAllAsync(answer.ToMessages(request.HeldTransfer), context.CancellationToken);
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
