using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Activation by relative links, <c>current</c> → <c>releases/VERSION</c>, replaced by rename.</summary>
/// <remarks>A link knows no trial: a release that is tried runs until another one is made current.</remarks>
/// <param name="home">The product's folder.</param>
internal sealed class SymlinkActivation(ProductHome home) : IActivation
{
    private const string ReleasesPrefix = ProductHome.ReleasesName + "/";

    /// <inheritdoc/>
    public bool NeedsRestart => false;

    /// <summary>Finds the version that runs; null when none does.</summary>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: the name is not the agent's.</exception>
    public string? FindCurrent()
    {
        if (Fs.FindStatus(home.CurrentLink) is null)
            return null;
        return Fs.FindLinkTarget(home.CurrentLink) is { } path
            && path.StartsWith(ReleasesPrefix, StringComparison.Ordinal)
            && !path.AsSpan(ReleasesPrefix.Length).Contains('/')
                ? path[ReleasesPrefix.Length..]
                : throw new ChunkOtaException(
                    ErrorCodes.IoError,
                    $"{home.CurrentLink} is not a link of this agent: move it away and run again");
    }

    /// <inheritdoc/>
    public bool IsCurrent(InstalledRelease release) => FindCurrent() == release.Version;

    /// <inheritdoc/>
    public ReleaseStart FindStart(InstalledRelease release) => ReleaseStart.Running;

    /// <inheritdoc/>
    public void Try(InstalledRelease release) => Point(home.CurrentLink, release);

    /// <inheritdoc/>
    public void Confirm(InstalledRelease? previous)
    {
        if (previous is not null)
            Point(home.PreviousLink, previous);
        else if (Fs.Unlink(home.PreviousLink))
            Fs.SyncDirectory(home.Root);
    }

    /// <inheritdoc/>
    public void Revert(InstalledRelease release) => Point(home.CurrentLink, release);

    /// <inheritdoc/>
    public bool TryLeave(InstalledRelease failed) => false;

    private void Point(string link, InstalledRelease release)
    {
        var path = ReleasesPrefix + release.Version;
        if (Fs.FindLinkTarget(link) == path)
            return;
        // A link cannot be edited: a new one is renamed over it, so that the name always leads somewhere.
        var temporary = link + ".new";
        Fs.Unlink(temporary);
        Fs.MakeSymlink(path, temporary);
        Fs.Rename(temporary, link);
        Fs.SyncDirectory(home.Root);
    }
}
