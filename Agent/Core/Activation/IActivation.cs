using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>How a release becomes the one that runs: the one place that knows of links.</summary>
/// <remarks>Each change is one atomic step and survives a power cut when the call returns.</remarks>
internal interface IActivation
{
    /// <summary>The version that runs; null when none does.</summary>
    /// <param name="home">The product's place.</param>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: somebody else's thing bears the name.</exception>
    string? FindCurrent(ProductHome home);

    /// <summary>Makes a version the one that runs.</summary>
    /// <param name="home">The product's place.</param>
    /// <param name="version">An installed version.</param>
    void SetCurrent(ProductHome home, string version);

    /// <summary>Names the version before it; null for none.</summary>
    /// <param name="home">The product's place.</param>
    /// <param name="version">An installed version.</param>
    void SetPrevious(ProductHome home, string? version);
}

/// <summary>Activation by relative symbolic links, <c>current</c> → <c>releases/VERSION</c>, replaced by rename.</summary>
internal sealed class SymlinkActivation : IActivation
{
    private const string TargetPrefix = ProductHome.ReleasesName + "/";

    /// <inheritdoc/>
    public string? FindCurrent(ProductHome home)
    {
        if (Fs.FindFacts(home.CurrentLink) is null)
            return null;
        return Fs.FindLinkTarget(home.CurrentLink) is { } target
            && target.StartsWith(TargetPrefix, StringComparison.Ordinal)
            && !target.AsSpan(TargetPrefix.Length).Contains('/')
                ? target[TargetPrefix.Length..]
                : throw new ChunkOtaException(
                    ErrorCodes.IoError, $"{home.CurrentLink} is not a link of this agent: move it away and run again");
    }

    /// <inheritdoc/>
    public void SetCurrent(ProductHome home, string version) => Point(home, home.CurrentLink, version);

    /// <inheritdoc/>
    public void SetPrevious(ProductHome home, string? version)
    {
        if (version is not null)
            Point(home, home.PreviousLink, version);
        else if (Fs.Unlink(home.PreviousLink))
            Fs.SyncDirectory(home.Root);
    }

    private static void Point(ProductHome home, string link, string version)
    {
        var target = TargetPrefix + version;
        if (Fs.FindLinkTarget(link) == target)
            return;
        // A link cannot be changed in place: a new one is renamed over it, so that the name always leads somewhere.
        var draft = link + ".new";
        Fs.Unlink(draft);
        Fs.MakeSymlink(target, draft);
        Fs.Rename(draft, link);
        Fs.SyncDirectory(home.Root);
    }
}
