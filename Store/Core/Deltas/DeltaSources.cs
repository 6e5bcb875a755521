using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>From which releases a delta to a new one is worth making before anyone asks. Pure.</summary>
public static class DeltaSources
{
    /// <summary>Priority of a delta that a device waits for.</summary>
    public const int AwaitedPriority = 100;

    /// <summary>Priority of a delta from a release that devices run.</summary>
    public const int RunningPriority = 20;

    /// <summary>Priority of a delta from an anchor.</summary>
    public const int AnchorPriority = 15;

    /// <summary>Priority of a delta from a release that came not long before.</summary>
    public const int PreviousPriority = 10;

    /// <summary>Chooses: what devices run, most devices first, then older anchors, then the releases before it, newest
    /// first.</summary>
    /// <param name="release">The new release.</param>
    /// <param name="others">Releases of the same product and platform, newest first; it may be among them.</param>
    /// <param name="anchors">Releases of the same product and platform that are pinned.</param>
    /// <param name="running">What devices report.</param>
    /// <param name="previous">How many of the releases before it.</param>
    /// <returns>Each once, with its priority.</returns>
    public static IReadOnlyList<(Digest From, int Priority)> Choose(
        ReleaseRecord release, IReadOnlyList<ReleaseRecord> others, IReadOnlyList<ReleaseRecord> anchors,
        IReadOnlyList<RunningRelease> running, int previous)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(others);
        var line = others.Concat(anchors).Where(other => other.Manifest != release.Manifest)
            .DistinctBy(other => other.Manifest).ToList();
        var known = line.Select(other => other.Manifest).ToHashSet();
        var run = running.Where(one => known.Contains(one.Manifest)).OrderByDescending(one => one.Devices)
            .Select(one => (one.Manifest, RunningPriority));
        var older = line.Where(other => other.Counter < release.Counter)
            .OrderByDescending(other => other.Counter).ToList();
        var pinned = older.Where(other => other.Anchored is not null).Select(other => (other.Manifest, AnchorPriority));
        var before = older.Take(previous).Select(other => (other.Manifest, PreviousPriority));
        return [.. run.Concat(pinned).Concat(before).DistinctBy(source => source.Manifest)];
    }
}
