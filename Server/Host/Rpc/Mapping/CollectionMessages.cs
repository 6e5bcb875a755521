using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Collections as messages. The numbers of the protocol are those of the records, plus one.</summary>
internal static class CollectionMessages
{
    /// <summary>The releases that a channel is to keep; null for all.</summary>
    /// <exception cref="ChunkOtaException">USAGE: more than there can be.</exception>
    public static int? ToKeep(this SetRetentionRequest request) => request.Keep switch
    {
        0 => null,
        <= int.MaxValue => (int)request.Keep,
        _ => throw new ChunkOtaException(
            ErrorCodes.Usage, $"a channel cannot keep {request.Keep} releases: choose fewer, or 0 for all"),
    };

    public static CollectResponse ToMessage(this CollectionProgress progress) => new()
    {
        Step = (CollectionStep)(progress.Phase + 1),
        Work = progress.Figures.ToMessage(),
    };

    public static IEnumerable<PlanCollectionResponse> ToMessages(this CollectionPlan plan) =>
        plan.Releases.Select(ToMessage).Spread(
            new PlanCollectionResponse
            {
                Chunks = (ulong)plan.Chunks,
                Bytes = (ulong)plan.Bytes,
                Last = plan.State.ToMessage(),
            },
            part => part.Releases)
            .Concat(plan.Devices.Select(ToMessage).Spread(new PlanCollectionResponse(), part => part.Devices));

    public static CollectionReport ToMessage(this CollectionState state) => new()
    {
        BeganUnixSeconds = state.Began?.ToUnixTimeSeconds() ?? 0,
        EndedUnixSeconds = state.Ended?.ToUnixTimeSeconds() ?? 0,
        Error = state.Error,
        Work = state.Figures.ToMessage(),
        DeletedReleases = (ulong)state.DeletedReleases,
        TrashedObjects = (ulong)state.TrashedObjects,
        TrashedBytes = (ulong)state.TrashedBytes,
    };

    public static ExplainKeptResponse ToMessage(this ChunkExplanation kept) => new()
    {
        Releases = { kept.Releases.Select(ToMessage) },
        Chunk = kept.Shared?.ToMessage(isolatedProduct: ""),
        Isolated = { kept.Isolated.Select(one => one.Chunk.ToMessage(one.Product)) },
    };

    public static ReleasePlan ToMessage(this JudgedRelease planned) => new()
    {
        Product = planned.Release.Product,
        Platform = planned.Release.Platform,
        Version = planned.Release.Version,
        Fate = (PlannedFate)(planned.Fate + 1),
        Reasons = { planned.Reasons.Select(reason => (ReasonToKeep)(reason + 1)) },
        Channels = { planned.Release.Channels },
        Devices = (ulong)planned.Release.Devices,
        DueUnixSeconds = planned.Due?.ToUnixTimeSeconds() ?? 0,
    };

    private static KeptChunk ToMessage(this ChunkFate chunk, string isolatedProduct) => new()
    {
        Pack = chunk.Pack.ToByteString(),
        AddedUnixSeconds = chunk.Added.ToUnixTimeSeconds(),
        Products = { chunk.Products },
        IsCondemned = chunk.IsCondemned,
        IsolatedProduct = isolatedProduct,
    };

    private static DevicePlan ToMessage(JudgedDevices planned) => new()
    {
        Product = planned.Product,
        Platform = planned.Affected.Devices.Platform,
        Channel = planned.Affected.Devices.Channel,
        Version = planned.Affected.Devices.Version,
        Devices = (ulong)planned.Affected.Devices.Devices,
        Impact = (PlannedImpact)(planned.Affected.Impact + 1),
    };

    private static CollectionWork ToMessage(this CollectionFigures figures) => new()
    {
        Releases = (ulong)figures.Releases,
        Recipes = (ulong)figures.Recipes,
        Chunks = (ulong)figures.Chunks,
        CompactedPacks = (ulong)figures.CompactedPacks,
        Objects = (ulong)figures.Objects,
        Bytes = (ulong)figures.Bytes,
    };
}
