namespace ChunkOta.Agent;

/// <summary>A request to choose the slot that a machine starts from.</summary>
public sealed record BootRequest
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The publisher's trust root, a JSON file that cannot be changed from the running system; null for the
    /// trust state of the agent's folder.</summary>
    public string? RootFile { get; init; }

    /// <summary>Prepares the start from a slot that was verified, and tells why it cannot be started; null where
    /// nothing has to be prepared.</summary>
    public Func<string, string?>? Prepare { get; init; }
}
