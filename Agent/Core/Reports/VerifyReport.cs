using System.Text.Json.Serialization;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The verification of one product.</summary>
/// <param name="Product">The product.</param>
/// <param name="Version">The version that is current.</param>
/// <param name="Damage">The differences; empty when there are none.</param>
public sealed record VerifiedProduct(string Product, string Version, IReadOnlyList<TreeDamage> Damage);

/// <summary>The report of a verification.</summary>
/// <param name="IsAsInstalled">True when nothing differs.</param>
/// <param name="Products">Sorted by name.</param>
/// <param name="Error">The error, as every failure has one, when something differs.</param>
public sealed record VerifyReport(
    bool IsAsInstalled,
    IReadOnlyList<VerifiedProduct> Products,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErrorReport? Error);
