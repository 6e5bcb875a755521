namespace ChunkOta.Agent;

/// <summary>The facts about an installed product, all of them from this disk.</summary>
public sealed record ProductFacts
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel it follows.</summary>
    public required string Channel { get; init; }

    /// <summary>The server it follows.</summary>
    public required string Server { get; init; }

    /// <summary>The release that is current; null when none is.</summary>
    public InstalledRelease? Current { get; init; }

    /// <summary>The release that <c>revert</c> goes to; null when there is none.</summary>
    public InstalledRelease? Previous { get; init; }

    /// <summary>All installed releases, the latest installed first.</summary>
    public IReadOnlyList<InstalledRelease> Releases { get; init; } = [];

    /// <summary>The path of the current release; null when none is current.</summary>
    public string? Path { get; init; }

    /// <summary>The expiry of the newest channel pointer seen, Unix seconds; null when none was seen.</summary>
    public long? PointerExpiresUnixSeconds { get; init; }

    /// <summary>True after that moment: no update is possible until the publisher renews the pointer.</summary>
    public bool IsStale { get; init; }

    /// <summary>True when a run was interrupted; the next one finishes or undoes it.</summary>
    public bool IsInterrupted { get; init; }
}
