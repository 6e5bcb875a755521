using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Forecasts and explanations of updates as messages.</summary>
internal static class ForecastMessages
{
    public static IReadOnlyList<FleetPart> ToFleet(this IEnumerable<FleetShare> shares) =>
        [.. shares.Select(share => new FleetPart(share.Version, (long)Math.Min(share.Devices, long.MaxValue)))];

    public static ForecastResponse ToMessage(this ReleaseForecast forecast) => new()
    {
        Shares = { forecast.Parts.Select(ToMessage) },
        IsAssumed = forecast.IsAssumed,
        Devices = (ulong)forecast.Fleet.Devices,
        P50Bytes = (ulong)forecast.Fleet.P50Bytes,
        P95Bytes = (ulong)forecast.Fleet.P95Bytes,
        EgressBytes = (ulong)forecast.Fleet.EgressBytes,
        PeakDiskBytes = (ulong)forecast.Fleet.PeakDiskBytes,
    };

    /// <summary>The cost of the whole update first, then its files, as many to a message as fit.</summary>
    public static IEnumerable<ExplainUpdateResponse> ToMessages(this UpdateExplanation explanation) =>
        explanation.Files.Select(ToMessage).Spread(
            new ExplainUpdateResponse { Cost = ToMessage(explanation.Cost, explanation.Delta) }, part => part.Files);

    private static ForecastShare ToMessage(ForecastPart part) => new()
    {
        Version = part.Version,
        Devices = (ulong)part.Cost.Devices,
        Bytes = (ulong)part.Cost.Bytes,
        ChunkBytes = (ulong)part.ChunkBytes,
        DeltaBytes = (ulong)(part.DeltaBytes ?? 0),
        DeltaQuality = (DeltaQuality)(part.Quality ?? 0),
        PeakDiskBytes = (ulong)part.Cost.PeakDiskBytes,
    };

    private static Protos.V1.UpdateCost ToMessage(Storage.UpdateCost cost, DeltaRecord? delta) => new()
    {
        ChunkBytes = (ulong)cost.ChunkBytes,
        DeltaBytes = (ulong)(delta?.Bytes ?? 0),
        DeltaQuality = (DeltaQuality)(delta?.Quality ?? 0),
        KeptFiles = (ulong)cost.KeptFiles,
        KeptBytes = (ulong)cost.KeptBytes,
        TreeBytes = (ulong)cost.TreeBytes,
    };

    private static FileCost ToMessage(ExplainedFile file) => new()
    {
        Path = file.Path,
        BasePath = file.BasePath,
        Source = (FileSource)file.Origin,
        Size = (ulong)file.Size,
        Bytes = (ulong)file.Bytes,
        Cause = (Protos.V1.ChangeCause)file.Cause,
        Evidence = file.Evidence,
        Hint = file.Hint,
    };
}
