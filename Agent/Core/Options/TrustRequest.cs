namespace ChunkOta.Agent;

/// <summary>A request to verify the server of an installed product by something else, or to find it at another
/// address. <see cref="AgentOptions.CaFile"/> is part of it.</summary>
public sealed record TrustRequest
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The server's new address; null for the one followed so far.</summary>
    public string? Server { get; init; }

    /// <summary>The text of a fresh install token, whose TLS key is pinned. It must be of the same trust root.
    /// </summary>
    public string? InstallToken { get; init; }

    /// <summary>True to verify the server by the system's authorities.</summary>
    public bool UsesSystemAuthorities { get; init; }

    /// <summary>True to save without asking the server: for a change that is still to come.</summary>
    public bool IsUnchecked { get; init; }
}
