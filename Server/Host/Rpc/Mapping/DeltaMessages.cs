using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using Google.Protobuf;

namespace ChunkOta.Server;

/// <summary>Deltas as messages.</summary>
internal static class DeltaMessages
{
    public static DeltaOffer ToOffer(this DeltaRecord delta) => new()
    {
        Digest = delta.Digest!.Value.ToByteString(),
        Bytes = (ulong)delta.Bytes,
        Quality = (DeltaQuality)delta.Quality,
    };

    public static IEnumerable<ListDeltasResponse> ToMessages(this DeltaOverview deltas) =>
        deltas.Queued.Select(queued => ToMessage(queued.Job, queued.Progress)).Spread(
            new ListDeltasResponse { IsBuilding = deltas.IsBuilding }, part => part.Queued)
            .Concat(deltas.Built.Select(ToMessage).Spread(new ListDeltasResponse(), part => part.Built));

    public static ReleaseQuery ToQuery(this PrepareDeltasRequest request) => new()
    {
        Product = request.Product,
        Version = request.Version,
        Platform = request.Platform.NullIfEmpty(),
    };

    private static BuiltDelta ToMessage(DeltaRecord delta) => new()
    {
        Platform = delta.Platform,
        FromVersion = delta.FromVersion,
        ToVersion = delta.ToVersion,
        Quality = (DeltaQuality)delta.Quality,
        Digest = delta.Digest?.ToByteString() ?? ByteString.Empty,
        Bytes = (ulong)delta.Bytes,
        Files = (ulong)delta.Files,
        TargetBytes = (ulong)delta.TargetBytes,
        BuiltUnixSeconds = delta.Built.ToUnixTimeSeconds(),
        UsedUnixSeconds = delta.Used.ToUnixTimeSeconds(),
    };

    private static QueuedDelta ToMessage(DeltaJob job, DeltaProgress progress) => new()
    {
        Platform = job.Platform,
        FromVersion = job.FromVersion,
        ToVersion = job.ToVersion,
        Quality = (DeltaQuality)job.Quality,
        State = job.State switch
        {
            Storage.DeltaJobState.Queued => Protos.V1.DeltaJobState.Queued,
            Storage.DeltaJobState.Running => Protos.V1.DeltaJobState.Running,
            _ => Protos.V1.DeltaJobState.Failed,
        },
        Attempts = (uint)job.Attempts,
        Error = job.Error,
        QueuedUnixSeconds = job.Queued.ToUnixTimeSeconds(),
        DoneBytes = (ulong)progress.Bytes,
        TotalBytes = (ulong)progress.TotalBytes,
    };
}
