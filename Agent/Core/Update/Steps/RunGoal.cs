namespace ChunkOta.Agent;

/// <summary>The goal of one run: the release that it will make current.</summary>
internal sealed record RunGoal
{
    /// <summary>The operation in records and reports: <c>install</c> or <c>upgrade</c>.</summary>
    public required string Operation { get; init; }

    /// <summary>The server, for the record.</summary>
    public required string Server { get; init; }

    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel.</summary>
    public required string Channel { get; init; }

    /// <summary>The version; null for the channel's current one.</summary>
    public string? Version { get; init; }

    /// <summary>When this agent was built: the device's clock is wrong if it is earlier.</summary>
    public DateTimeOffset BuildTime { get; init; }

    /// <summary>True to plan and install nothing.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>The way unchanged files are taken over.</summary>
    public LinkMode Link { get; init; }

    /// <summary>True to go back to an older release on purpose, down to the publisher's floor.</summary>
    public bool AllowsOlder { get; init; }

    /// <summary>True to hash every file of a release that is current already, not only those that look
    /// changed.</summary>
    public bool VerifiesInFull { get; init; }

    /// <summary>The stop before the switch; null for none.</summary>
    public SwitchStop? StopBeforeSwitch { get; init; }

    /// <summary>The policy of this device for the product.</summary>
    public ProductPolicy Policy { get; init; } = ProductPolicy.None;
}
