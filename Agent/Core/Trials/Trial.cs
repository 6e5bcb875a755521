using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>The trial of the current release: it is kept once it has proved that it works.</summary>
/// <remarks>The record is durable before the release becomes current, so that no crash turns a trial into a
/// success.</remarks>
internal sealed record Trial
{
    /// <summary>The name of this trial: that of another one of the same release differs.</summary>
    public string Id { get; init; } = "";

    /// <summary>The proofs that are asked for: those of the moment when the trial began.</summary>
    public required HealthPolicy Policy { get; init; }

    /// <summary>The release to go back to; null when it is the first one.</summary>
    public Digest? From { get; init; }

    /// <summary>The release that <see cref="From"/> could go back to.</summary>
    public Digest? PreviousOfFrom { get; init; }

    /// <summary>The boot that <see cref="StartedSeconds"/> belongs to.</summary>
    public required string BootId { get; init; }

    /// <summary>When the deadline began to run, seconds since that boot.</summary>
    public long StartedSeconds { get; init; }

    /// <summary>The number of boots of the machine since the trial began.</summary>
    public int Boots { get; init; }

    /// <summary>The number of starts of the command.</summary>
    public int Checks { get; init; }

    /// <summary>True when the command has exited with 0.</summary>
    public bool HasPassedCommand { get; init; }

    /// <summary>True when the application or a person has confirmed the release.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>True when the program was started with success.</summary>
    public bool HasStarted { get; init; }

    /// <summary>The number of starts of the program that failed.</summary>
    public int FailedStarts { get; init; }

    /// <summary>The failure of the last one, in a few words; null when none did.</summary>
    public string? StartFailure { get; init; }
}
