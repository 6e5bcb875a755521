namespace ChunkOta.Agent;

/// <summary>A summary of an installed product, all of it from this disk.</summary>
public sealed record ProductSummary
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel it follows.</summary>
    public required string Channel { get; init; }

    /// <summary>The server it follows.</summary>
    public required string Server { get; init; }

    /// <summary>The means by which the device verifies the server; null without TLS, or where it is not
    /// enrolled.</summary>
    public ServerTrustSummary? ServerTrust { get; init; }

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

    /// <summary>The expiry of the newest trust root accepted, Unix seconds; null when none was seen.</summary>
    public long? RootExpiresUnixSeconds { get; init; }

    /// <summary>True when the pointer or the trust root has expired: no update is possible until the publisher renews
    /// it.</summary>
    public bool IsStale { get; init; }

    /// <summary>True when the publisher has withdrawn the current release: the channel pointer says so.</summary>
    public bool IsWithdrawn { get; init; }

    /// <summary>Why the device cannot take an update now: expired, or the last check was refused. Null when it
    /// can.</summary>
    public string? Problem { get; init; }

    /// <summary>The code with which the last check was refused; null when it was not.</summary>
    public string? RefusedCode { get; init; }

    /// <summary>The documents that expire soon, and clocks that seem wrong.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>True while the current release has yet to prove that it works.</summary>
    public bool IsOnTrial { get; init; }

    /// <summary>Why the current release does not work, where that is known and there was none to go back to; else
    /// null.</summary>
    public string? HealthFailure { get; init; }

    /// <summary>The release that is downloaded and complete, and waits to become current; null for none.</summary>
    public StagedSummary? Staged { get; init; }

    /// <summary>Since when a person holds the product at its release, Unix seconds; null when nobody does.</summary>
    public long? HeldSinceUnixSeconds { get; init; }

    /// <summary>The releases that this device does not install again by itself, the latest first.</summary>
    public IReadOnlyList<RejectedRelease> Rejected { get; init; } = [];

    /// <summary>The last run; null when none was noted yet.</summary>
    public RunSummary? Run { get; init; }

    /// <summary>True when a run was interrupted; the next one finishes or undoes it.</summary>
    public bool IsInterrupted { get; init; }
}

/// <summary>A release that is downloaded and complete, and waits to become current.</summary>
/// <param name="Version">Its version.</param>
/// <param name="SinceUnixSeconds">When it was complete, Unix seconds.</param>
/// <param name="IsConsented">The answer of a person or an application: true for yes, false for no; null for none
/// yet.</param>
/// <param name="AskAgainUnixSeconds">When the question is to be asked again, Unix seconds; null for now.</param>
/// <param name="IsQuestion">True when a person or an application is to be asked now.</param>
public sealed record StagedSummary(
    string Version, long SinceUnixSeconds, bool? IsConsented, long? AskAgainUnixSeconds, bool IsQuestion)
{
    /// <summary>Describes a staged release.</summary>
    internal static StagedSummary Of(StagedRelease staged, UpdateMode mode, DateTimeOffset now) => new(
        staged.Version,
        staged.SinceUnixSeconds,
        staged.IsConsented,
        staged.AskAgainUnixSeconds,
        mode is UpdateMode.Soft or UpdateMode.Deadline && staged.IsConsented is null
            && !(now.ToUnixTimeSeconds() < staged.AskAgainUnixSeconds));
}
