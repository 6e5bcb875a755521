namespace ChunkOta.Agent;

/// <summary>The settings of <c>ota-agent.json</c>.</summary>
public sealed record AgentSettings
{
    /// <summary>The least that a server must send while the agent waits, bytes a second on average over
    /// <see cref="StallSeconds"/>. Below it a call ends with <c>TOO_SLOW</c>.</summary>
    public int MinimumBytesPerSecond { get; init; } = MinimumRate.Default.BytesPerSecond;

    /// <summary>The time that the rate is averaged over, seconds.</summary>
    public int StallSeconds { get; init; } = (int)MinimumRate.Default.Window.TotalSeconds;

    /// <summary>The policy of <c>watch</c>.</summary>
    public WatchPolicy Watch { get; init; } = new();

    /// <summary>The policy of each product, by the product's name.</summary>
    public IReadOnlyDictionary<string, ProductPolicy> Products { get; init; } =
        new Dictionary<string, ProductPolicy>();
}
