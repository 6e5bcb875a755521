using System.Text.Json.Serialization;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The prune of one product.</summary>
/// <param name="Product">The product.</param>
/// <param name="RemovedVersions">The versions that were removed, or in a dry run would be.</param>
/// <param name="RemovedStagingTrees">How many trees of interrupted runs were removed, or would be.</param>
/// <param name="Kept">The releases that stay although they are not needed any more, and why.</param>
/// <param name="Left">The remains of removed trees that cannot be removed yet, one line for each tree; the next run
/// tries again.</param>
public sealed record PrunedProduct(
    string Product,
    IReadOnlyList<string> RemovedVersions,
    int RemovedStagingTrees,
    IReadOnlyList<KeptRelease> Kept,
    IReadOnlyList<string> Left);

/// <summary>The report of a prune.</summary>
/// <param name="IsDryRun">True when nothing was removed.</param>
/// <param name="Products">Those that succeeded, sorted by name.</param>
/// <param name="Failures">Those that failed, sorted by name.</param>
/// <param name="Error">The worst failure, the one that the exit code is of; left out where nothing failed.</param>
public sealed record PruneReport(
    bool IsDryRun,
    IReadOnlyList<PrunedProduct> Products,
    IReadOnlyList<FailedProduct> Failures,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErrorReport? Error);
