namespace ChunkOta.Agent;

/// <summary>The proofs that a new release has to give before it is kept.</summary>
/// <remarks>Every proof that is asked for has to be given before the deadline; else the release before it becomes
/// current again. Without any, a release is kept as soon as it is current.</remarks>
public sealed record HealthPolicy
{
    /// <summary>A program and its arguments that exits with 0 if the release works; empty for none.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The time limit of the command, seconds.</summary>
    public int CommandSeconds { get; init; } = 60;

    /// <summary>True if the application or a person has to confirm the release.</summary>
    public bool NeedsConfirmation { get; init; }

    /// <summary>True if <c>ota-agent run</c> has to have started the release's program once with success.</summary>
    public bool NeedsStart { get; init; }

    /// <summary>The time that the program has to run for its start to be a success, seconds; one that exits with 0
    /// before has succeeded as well.</summary>
    public int StartSeconds { get; init; } = 30;

    /// <summary>The number of failed starts after which the release before it becomes current again.</summary>
    public int MaxStarts { get; init; } = 3;

    /// <summary>The time in which a release has to prove that it works, seconds of this machine's running
    /// time.</summary>
    public int DeadlineSeconds { get; init; } = 600;

    /// <summary>The most starts of the command, and boots of the machine, without success.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>True when a new release is on trial until it has proved that it works.</summary>
    internal bool AsksForProof => Command.Count > 0 || NeedsConfirmation || NeedsStart;
}
