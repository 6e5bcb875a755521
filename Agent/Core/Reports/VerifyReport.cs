using System.Text.Json.Serialization;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The verification of one product.</summary>
/// <param name="Product">The product.</param>
/// <param name="Version">The version that is current.</param>
/// <param name="Damage">The differences; empty when there are none.</param>
/// <param name="Extra">The paths that others have added, which do not count as damage: at most 1,000, a directory alone
/// for all that is in it.</param>
public sealed record VerifiedProduct(
    string Product, string Version, IReadOnlyList<TreeDamage> Damage, IReadOnlyList<string> Extra);

/// <summary>The report of a verification.</summary>
/// <param name="IsAsInstalled">True when nothing differs.</param>
/// <param name="Products">Those that could be verified, sorted by name.</param>
/// <param name="Failures">Those that could not, sorted by name.</param>
/// <param name="Error">The worst failure, the one that the exit code is of; left out where nothing failed and nothing
/// differs.</param>
public sealed record VerifyReport(
    bool IsAsInstalled,
    IReadOnlyList<VerifiedProduct> Products,
    IReadOnlyList<FailedProduct> Failures,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErrorReport? Error);
