using System.Text.Json.Serialization;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The report of several products.</summary>
/// <param name="Products">Sorted by name.</param>
/// <param name="Failures">Those that cannot be read, sorted by name.</param>
/// <param name="Error">The worst failure, the one that the exit code is of; left out where nothing failed.</param>
public sealed record InstalledList(
    IReadOnlyList<ProductSummary> Products,
    IReadOnlyList<FailedProduct> Failures,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErrorReport? Error);
