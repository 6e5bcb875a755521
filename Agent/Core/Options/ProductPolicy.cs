namespace ChunkOta.Agent;

/// <summary>The policy of this device for the updates of one product.</summary>
public sealed record ProductPolicy
{
    /// <summary>Nothing but the update.</summary>
    public static ProductPolicy None { get; } = new();

    /// <summary>The condition under which <c>watch</c> makes a new release current.</summary>
    public UpdateMode Mode { get; init; }

    /// <summary>In the mode <c>deadline</c>, the time after the download that passes without consent, hours.</summary>
    public int DeadlineHours { get; init; } = 72;

    /// <summary>The way unchanged files are taken over from an installed release.</summary>
    public LinkMode Link { get; init; }

    /// <summary>The number of releases that stay installed, at least 2: the current one and the one before.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>A program and its arguments that runs before a release becomes current; empty for none. If it fails, so
    /// does the update, and nothing changes.</summary>
    public IReadOnlyList<string> BeforeSwitch { get; init; } = [];

    /// <summary>A program and its arguments that runs after another release has become current, also when the agent
    /// goes back; empty for none. It restarts what has to be restarted.</summary>
    public IReadOnlyList<string> AfterSwitch { get; init; } = [];

    /// <summary>The time limit of each of these programs, seconds.</summary>
    public int HookSeconds { get; init; } = 60;

    /// <summary>The proofs that a new release has to give.</summary>
    public HealthPolicy Health { get; init; } = new();

    /// <summary>The two slots of a product that is installed as an image; null for one that is installed as
    /// files.</summary>
    public SlotSettings? Slots { get; init; }
}
