using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>The built and the queued deltas of a product.</summary>
/// <param name="Queued">Jobs with their progress.</param>
/// <param name="Built">Deltas that are stored, or were found not to be worth storing.</param>
/// <param name="IsBuilding">False when this server builds no deltas.</param>
public sealed record DeltaOverview(
    IReadOnlyList<(DeltaJob Job, DeltaProgress Progress)> Queued, IReadOnlyList<DeltaRecord> Built, bool IsBuilding);
