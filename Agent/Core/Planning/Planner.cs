using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The decision how an entry is made, and from which file if it is copied.</summary>
/// <param name="Action">Its origin.</param>
/// <param name="Source">The file to copy, for <see cref="FileAction.Keep"/> and <see cref="FileAction.Copy"/>.</param>
internal readonly record struct FileChoice(FileAction Action, LocalFile Source)
{
    /// <summary>True when it is copied from a file that this update makes.</summary>
    public bool IsCopyOfMade => Action == FileAction.Copy && Source.Tree == LocalFile.InStaging;
}

/// <summary>The decisions that a plan is made of.</summary>
/// <param name="Release">The release to install.</param>
/// <param name="FromVersion">The version that is current, if any.</param>
/// <param name="Choices">How each entry is made.</param>
/// <param name="Delta">The delta that is used, if any.</param>
/// <param name="Sharing">What unchanged files can share.</param>
internal sealed record PlanBasis(
    ReleaseContents Release, string? FromVersion, FileChoice[] Choices, ChosenDelta? Delta, FileSharing Sharing);

/// <summary>Works out what an update takes: values in, a value out, no disk and no network.</summary>
internal static class Planner
{
    /// <summary>Disk for a run beside the tree: manifest, recipes, state, growth of directories; bytes.</summary>
    private const long OverheadBytes = 1 << 20;

    /// <summary>Inodes for manifests, deltas, links and the agent's own records.</summary>
    private const long OverheadInodes = 16;

    /// <summary>Decides for each entry whether it is there, copied whole, or put together.</summary>
    /// <param name="release">The release to install.</param>
    /// <param name="local">Whole files of kept releases.</param>
    /// <param name="isStaged">Tells of an entry, by its index, whether staging holds it whole.</param>
    public static FileChoice[] Choose(ReleaseContents release, LocalFiles local, Func<int, bool> isStaged)
    {
        var choices = new FileChoice[release.Entries.Count];
        for (var i = 0; i < choices.Length; i++)
        {
            var entry = release.Entries[i];
            var content = ReleaseContents.ContentOf(entry);
            if (entry.Kind != EntryKind.File || content.IsZero)
                choices[i] = new FileChoice(FileAction.Create, default);
            else if (isStaged(i))
                choices[i] = new FileChoice(FileAction.Staged, default);
            else if (local.TryFind(i, content, out var source))
                choices[i] = new FileChoice(local.IsKept(i) ? FileAction.Keep : FileAction.Copy, source);
            else
                choices[i] = new FileChoice(FileAction.Chunks, default);
        }
        return choices;
    }

    /// <summary>Computes the disk that the update needs beside what is there, by the signed sizes; bytes.</summary>
    /// <param name="basis">The decisions.</param>
    public static long DiskBytes(PlanBasis basis)
    {
        var (release, choices) = (basis.Release, basis.Choices);
        var bytes = checked(OverheadBytes + (basis.Delta?.FetchBytes ?? 0));
        for (var i = 0; i < choices.Length; i++)
        {
            var entry = release.Entries[i];
            if (choices[i].Action == FileAction.Staged)
                continue;
            bytes = checked(bytes + (IsShared(choices[i], entry, basis.Sharing)
                ? ReleaseContents.NameBytes
                : ReleaseContents.DiskBytes(entry)));
        }
        return bytes;
    }

    /// <summary>Computes how many files, links and directories an update adds, at most.</summary>
    /// <param name="basis">The decisions.</param>
    public static long Inodes(PlanBasis basis)
    {
        var (choices, before) = (basis.Choices, "");
        long inodes = OverheadInodes;
        for (var i = 0; i < choices.Length; i++)
        {
            var entry = basis.Release.Entries[i];
            // The paths are sorted: each directory begins with the first path that is below it.
            var same = entry.Path.AsSpan().CommonPrefixLength(before);
            inodes += entry.Path.AsSpan(same).Count('/');
            before = entry.Path;
            var hasOwn = basis.Sharing != FileSharing.Names || !IsShared(choices[i], entry, basis.Sharing);
            inodes += hasOwn && choices[i].Action != FileAction.Staged ? 1 : 0;
        }
        return inodes;
    }

    /// <summary>Tells whether an entry needs no disk blocks of its own.</summary>
    /// <param name="choice">How it is made.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="sharing">What unchanged files can share.</param>
    public static bool IsShared(FileChoice choice, Entry entry, FileSharing sharing) =>
        choice.Action is FileAction.Keep or FileAction.Copy && sharing switch
        {
            FileSharing.Blocks => true,
            // A file has one mode under all its names.
            FileSharing.Names => !choice.IsCopyOfMade && choice.Source.IsExecutable == entry.Executable,
            _ => false,
        };

    /// <summary>Sums up the plan: what is kept, reused and fetched, file by file and in all.</summary>
    /// <param name="basis">The decisions.</param>
    /// <param name="files">Whole files of kept releases.</param>
    /// <param name="demand">The chunks that files lack.</param>
    /// <param name="local">Of these, the chunks on this disk.</param>
    public static UpdatePlan Plan(PlanBasis basis, LocalFiles files, ChunkDemand demand, LocalChunks local)
    {
        var (release, choices) = (basis.Release, basis.Choices);
        var steps = new PlanSteps(release, choices);
        var kinds = new List<ActionFigures>();
        var (keptFiles, fetchChunks) = (0, 0);
        long changedBytes = 0, fetchBytes = 0;
        var deltaBytes = basis.Delta?.FetchBytes ?? 0;
        for (var i = 0; i < choices.Length; i++)
        {
            var entry = release.Entries[i];
            var size = (long)entry.Size;
            var isKept = files.IsKept(i);
            keptFiles += isKept ? 1 : 0;
            changedBytes += isKept ? 0 : size;
            var (chunks, bytes) = demand.TryFindFile(i, out var file) ? Fetched(file, demand, local) : default;
            fetchChunks += chunks;
            fetchBytes += bytes;
            Count(kinds, choices[i].Action, size, bytes);
            if (choices[i].Action != FileAction.Keep)
                steps.Add(i, bytes);
        }
        return new UpdatePlan
        {
            Product = release.Manifest.Product,
            Platform = release.Manifest.Platform,
            Version = release.Manifest.Version,
            Build = release.Manifest.Build.Length > 0 ? release.Manifest.Build : null,
            FromVersion = basis.FromVersion,
            ManifestDigest = release.Digest,
            Files = release.Files,
            TreeBytes = release.TreeBytes,
            KeptFiles = keptFiles,
            ChangedBytes = changedBytes,
            ReusedBytes = Math.Max(0, release.TreeBytes - fetchBytes - deltaBytes),
            FetchBytes = fetchBytes,
            FetchChunks = fetchChunks,
            DeltaBytes = deltaBytes,
            PeakDiskBytes = DiskBytes(basis),
            PeakInodes = Inodes(basis),
            Kinds = WithDelta(kinds, deltaBytes),
            Steps = steps,
        };
    }

    /// <summary>Adds an entry to the figures of its action; the list is in the order of the actions.</summary>
    private static void Count(List<ActionFigures> kinds, FileAction action, long size, long fetch)
    {
        var index = 0;
        while (index < kinds.Count && kinds[index].Action < action)
            index++;
        if (index == kinds.Count || kinds[index].Action != action)
            kinds.Insert(index, new ActionFigures(action, 0, 0, 0));
        var (_, entries, sizes, fetches) = kinds[index];
        kinds[index] = new ActionFigures(action, entries + 1, sizes + size, fetches + fetch);
    }

    private static List<ActionFigures> WithDelta(List<ActionFigures> kinds, long deltaBytes)
    {
        for (var i = 0; i < kinds.Count; i++)
        {
            if (kinds[i].Action == FileAction.Delta)
                kinds[i] = kinds[i] with { FetchBytes = deltaBytes };
        }
        return kinds;
    }

    private static (int Chunks, long Bytes) Fetched(DemandedFile file, ChunkDemand demand, LocalChunks local)
    {
        var (chunks, bytes) = (0, 0L);
        for (var i = 0; i < file.Chunks.Count; i++)
        {
            if (!demand.IsAskedFor(file, i) || local.Contains(file.Chunks[i].Hash))
                continue;
            chunks++;
            bytes += file.Chunks[i].Length;
        }
        return (chunks, bytes);
    }
}
