using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>The Devices service: each call but Enrol names its caller, and hands over to the operations.</summary>
internal sealed class DevicesRpc(DeviceOperations operations, Callers callers) : Devices.DevicesBase
{
    public override Task<EnrolResponse> Enrol(EnrolRequest request, ServerCallContext context) =>
        operations.EnrolAsync(request, context.CancellationToken);

    public override async Task CheckForUpdate(
        CheckForUpdateRequest request, IServerStreamWriter<CheckForUpdateResponse> responseStream,
        ServerCallContext context) =>
        await responseStream.WriteAllAsync(
            operations.CheckForUpdateAsync(await callers.IdentifyAsync(context), request, context.CancellationToken),
            context.CancellationToken);

    public override async Task<ReportResponse> Report(ReportRequest request, ServerCallContext context) =>
        await operations.ReportAsync(await callers.IdentifyAsync(context), request, context.CancellationToken);
}
