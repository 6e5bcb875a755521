namespace ChunkOta.Agent;

/// <summary>The settings of <c>ota-agent.json</c>.</summary>
public sealed record AgentSettings
{
    /// <summary>The policy of each product, by the product's name.</summary>
    public IReadOnlyDictionary<string, ProductPolicy> Products { get; init; } =
        new Dictionary<string, ProductPolicy>();
}
