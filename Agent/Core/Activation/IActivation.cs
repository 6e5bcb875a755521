namespace ChunkOta.Agent;

/// <summary>Decides which installed release runs; with it a release is tried, confirmed and reverted.</summary>
/// <remarks>Each change is one atomic step and survives a power cut when the call returns.</remarks>
internal interface IActivation
{
    /// <summary>True when a release begins to run at the next start of the machine: only then does its trial
    /// begin.</summary>
    bool NeedsRestart { get; }

    /// <summary>Tells whether a release is the one that runs.</summary>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: the name is not the agent's.</exception>
    bool IsCurrent(InstalledRelease release);

    /// <summary>Finds out if the release that was made the one that runs does run.</summary>
    /// <param name="release">The current release.</param>
    ReleaseStart FindStart(InstalledRelease release);

    /// <summary>Makes a release the one that runs, on trial until it is confirmed.</summary>
    void Try(InstalledRelease release);

    /// <summary>Keeps the release that runs.</summary>
    /// <param name="previous">The release to go back to; null for none.</param>
    void Confirm(InstalledRelease? previous);

    /// <summary>Makes a release that ran before the one that runs again.</summary>
    void Revert(InstalledRelease release);

    /// <summary>Leaves a release that failed for what ran before it, where the agent did not install that.</summary>
    /// <param name="failed">The release that failed.</param>
    /// <returns>False when nothing ran before it.</returns>
    bool TryLeave(InstalledRelease failed);
}

/// <summary>Tells if the current release runs.</summary>
internal enum ReleaseStart
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>It runs once the machine is restarted.</summary>
    Waiting,

    /// <summary>The machine was restarted, and runs what it ran before.</summary>
    Failed,
}
