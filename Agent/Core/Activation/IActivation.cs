namespace ChunkOta.Agent;

/// <summary>Decides which installed release runs; with it a release is tried, confirmed and reverted.</summary>
/// <remarks>Each change is one atomic step and survives a power cut when the call returns.</remarks>
internal interface IActivation
{
    /// <summary>Tells whether a release is the one that runs.</summary>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: the name is not the agent's.</exception>
    bool IsCurrent(InstalledRelease release);

    /// <summary>Makes a release the one that runs, on trial until it is confirmed.</summary>
    void Try(InstalledRelease release);

    /// <summary>Keeps the release that runs.</summary>
    /// <param name="previous">The release to go back to; null for none.</param>
    void Confirm(InstalledRelease? previous);

    /// <summary>Makes a release that ran before the one that runs again.</summary>
    void Revert(InstalledRelease release);
}
