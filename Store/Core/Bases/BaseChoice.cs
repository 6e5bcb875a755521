namespace ChunkOta.Storage;

/// <summary>A changed file and its base.</summary>
/// <param name="Target">The file of the new release.</param>
/// <param name="Base">The most similar file of the old release; null when none is similar.</param>
public sealed record PairedFile(ReleaseFile Target, ReleaseFile? Base);

/// <summary>Chooses the base of each changed file. Pure.</summary>
/// <remarks>
/// The file of the same path; else the file that shares most chunks, if that is a good part; else the file of the path
/// before a directory was renamed; else a name that differs only in versions or hashes; else any file that shares a
/// chunk; else a file of the same name or kind and of like size. A wrong guess costs bytes, never correctness.
/// </remarks>
internal static class BaseChoice
{
    /// <summary>Names count for more than chunks when the chunks that are shared make less than this part.</summary>
    private const int GoodPart = 4;

    private const double LikeSize = 2.0;

    /// <summary>The files that a delta covers: each content that the old release lacks, once, at its lowest
    /// entry.</summary>
    public static IReadOnlyList<ReleaseFile> FindChanged(ReleaseListing from, ReleaseListing to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var known = from.Files.Select(file => file.Digest).ToHashSet();
        return [.. to.Files.Where(file => known.Add(file.Digest))];
    }

    /// <summary>The changed files whose path the old release does not have: only for them do chunks matter.</summary>
    public static IEnumerable<ReleaseFile> FindStrange(ReleaseListing from, IEnumerable<ReleaseFile> changed)
    {
        ArgumentNullException.ThrowIfNull(from);
        return changed.Where(file => from.Find(file.Path) is null);
    }

    /// <summary>Chooses the bases.</summary>
    /// <param name="from">The old release.</param>
    /// <param name="to">The new release.</param>
    /// <param name="changed">From <see cref="FindChanged"/>.</param>
    /// <param name="shared">
    /// The old file that shares most chunks with a changed one, and how many bytes that is; null when none does.
    /// </param>
    /// <returns>In the order of <paramref name="changed"/>.</returns>
    public static IReadOnlyList<PairedFile> Choose(
        ReleaseListing from, ReleaseListing to, IReadOnlyList<ReleaseFile> changed,
        Func<ReleaseFile, (uint Entry, long Bytes)?> shared)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(changed);
        ArgumentNullException.ThrowIfNull(shared);
        var names = new Lazy<NameIndex>(() => new NameIndex(from, to));
        return [.. changed.Select(file => new PairedFile(file, FindBase(file)))];

        ReleaseFile? FindBase(ReleaseFile file)
        {
            if (from.Find(file.Path) is { } same) return same;
            var most = shared(file);
            var alike = most is { } found ? from.GetFile(found.Entry) : null;
            return most?.Bytes * GoodPart >= file.Size ? alike
                : names.Value.FindNamesake(file) ?? alike ?? names.Value.FindLikely(file, LikeSize);
        }
    }
}
