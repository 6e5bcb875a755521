namespace ChunkOta.Agent;

/// <summary>A release that a recovery has passed over.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Reason">The reason, one line.</param>
public sealed record PassedOver(string Version, string Reason);

/// <summary>The result of a recovery.</summary>
/// <param name="Product">The product.</param>
/// <param name="Version">The version that is current now; it was verified in full.</param>
/// <param name="FromVersion">The version that was current before.</param>
/// <param name="PassedOver">The releases that could not be used, in the order in which they were tried.</param>
public sealed record RecoverResult(
    string Product, string Version, string FromVersion, IReadOnlyList<PassedOver> PassedOver)
{
    /// <summary>True when another release is current than before.</summary>
    public bool IsChanged => Version != FromVersion;
}
