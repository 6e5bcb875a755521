using System.Text.Json.Serialization;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The server of one product, and how it is verified from now on.</summary>
/// <param name="Product">The product.</param>
/// <param name="Server">The server that it follows.</param>
/// <param name="ServerTrust">How the device verifies the server.</param>
/// <param name="IsChecked">True when the server was asked and answered under this trust.</param>
public sealed record TrustedProduct(string Product, string Server, ServerTrustSummary ServerTrust, bool IsChecked);

/// <summary>The report of a change of trust.</summary>
/// <param name="Products">Those that succeeded, sorted by name.</param>
/// <param name="Failures">Those that failed and are as before, sorted by name.</param>
/// <param name="Error">The worst failure, the one that the exit code is of; left out where nothing failed.</param>
public sealed record TrustReport(
    IReadOnlyList<TrustedProduct> Products,
    IReadOnlyList<FailedProduct> Failures,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErrorReport? Error);
