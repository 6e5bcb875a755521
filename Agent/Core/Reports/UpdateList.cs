using System.Text.Json.Serialization;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The report of an upgrade of all products.</summary>
/// <param name="Products">Those that succeeded, sorted by name.</param>
/// <param name="Failures">Those that failed, sorted by name.</param>
/// <param name="Error">The worst failure, the one that the exit code is of; left out where nothing failed.</param>
public sealed record UpdateList(
    IReadOnlyList<UpdateResult> Products,
    IReadOnlyList<FailedProduct> Failures,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErrorReport? Error);
