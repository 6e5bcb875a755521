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
        var target = Fs.FindLinkTarget(home.CurrentLink)
            ?? throw Foreign("is not a link: move it away and run again");
        // A person may have made it: absolute, or through a link of the operator.
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target, home.Root));
        var folder = Path.GetDirectoryName(path);
        return folder is not null && (folder == home.Releases || Fs.Resolve(folder) == Fs.Resolve(home.Releases))
            ? Path.GetFileName(path)
            : throw Foreign(
                $"leads to {target}, which this agent did not install: point it at {ReleasesPrefix}VERSION, or remove "
                + "it, and run again");
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
    public void Revert(InstalledRelease release)
    {
        try
        {
            Point(home.CurrentLink, release);
        }
        catch (FileSystemException e)
            when (e.Code == ErrorCodes.DiskFull
                && Fs.FindLinkTarget(home.PreviousLink) == ReleasesPrefix + release.Version)
        {
            // A disk that cannot hold another link has both that are needed.
            Fs.Exchange(home.CurrentLink, home.PreviousLink);
            Fs.SyncDirectory(home.Root);
        }
    }

    private ChunkOtaException Foreign(string what) => new(ErrorCodes.IoError, $"{home.CurrentLink} {what}");

    /// <inheritdoc/>
    public bool TryLeave(InstalledRelease failed) => false;

    private void Point(string link, InstalledRelease release)
    {
        var path = ReleasesPrefix + release.Version;
        if (Fs.FindLinkTarget(link) == path)
            return;
        // A link cannot be edited: a new one is renamed over it, so that the name always leads somewhere.
        var temporary = TemporaryFile.NewPath(home.Root, Path.GetFileName(link));
        Fs.Unlink(temporary);
        Fs.MakeSymlink(path, temporary);
        Fs.Rename(temporary, link);
        Fs.SyncDirectory(home.Root);
    }
}
