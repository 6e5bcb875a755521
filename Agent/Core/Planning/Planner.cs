using ChunkOta.Chunking;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>How an entry will be made, and from which file if it is copied.</summary>
/// <param name="Action">Where it comes from.</param>
/// <param name="Source">The file to copy, for <see cref="FileAction.Keep"/> and <see cref="FileAction.Copy"/>.</param>
internal readonly record struct FileChoice(FileAction Action, LocalFile Source)
{
    /// <summary>It is copied from a file that this update makes.</summary>
    public bool IsCopyOfMade => Action == FileAction.Copy && Source.Tree == LocalFile.InStaging;
}

/// <summary>A delta that an update takes.</summary>
/// <param name="Delta">The delta.</param>
/// <param name="From">The release it builds on.</param>
/// <param name="DownloadedBytes">How much of it is here already.</param>
internal sealed record ChosenDelta(OfferedDelta Delta, Digest From, long DownloadedBytes)
{
    /// <summary>What is still to be downloaded, bytes.</summary>
    public long FetchBytes => Delta.Bytes - DownloadedBytes;
}

/// <summary>What a plan is made of, when it is decided.</summary>
/// <param name="Target">The release to install.</param>
/// <param name="FromVersion">The version that is current, if any.</param>
/// <param name="Choices">How each entry is made.</param>
/// <param name="Delta">The delta that is taken, if any.</param>
/// <param name="Sharing">What files that do not change can share.</param>
internal sealed record PlanBasis(
    WantedRelease Target, string? FromVersion, FileChoice[] Choices, ChosenDelta? Delta, FileSharing Sharing);

/// <summary>Works out what an update takes: values in, a value out, no disk and no network.</summary>
internal static class Planner
{
    /// <summary>What a run needs on disk beside the tree: manifest, recipes, state, directories' growth; bytes.</summary>
    private const long OverheadBytes = 1 << 20;

    /// <summary>Chooses for each entry whether it is there, copied whole, or put together.</summary>
    /// <param name="target">The release to install.</param>
    /// <param name="local">Whole files of kept releases.</param>
    /// <param name="isStaged">Says of an entry, by number, whether staging holds it whole.</param>
    public static FileChoice[] Choose(WantedRelease target, LocalFiles local, Func<int, bool> isStaged)
    {
        var choices = new FileChoice[target.Entries.Count];
        for (var i = 0; i < choices.Length; i++)
        {
            var entry = target.Entries[i];
            var content = WantedRelease.ContentOf(entry);
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

    /// <summary>Bytes of disk that the update needs beside what is there, by the signed sizes.</summary>
    /// <param name="basis">What was decided.</param>
    public static long DiskBytes(PlanBasis basis)
    {
        var (target, choices) = (basis.Target, basis.Choices);
        var bytes = checked(OverheadBytes + (basis.Delta?.FetchBytes ?? 0));
        for (var i = 0; i < choices.Length; i++)
        {
            var entry = target.Entries[i];
            if (choices[i].Action == FileAction.Staged)
                continue;
            bytes = checked(bytes + (IsShared(choices[i], entry, basis.Sharing)
                ? WantedRelease.NameBytes
                : WantedRelease.DiskBytes(entry)));
        }
        return bytes;
    }

    /// <summary>Whether an entry takes no blocks of its own.</summary>
    /// <param name="choice">How it is made.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="sharing">What files that do not change can share.</param>
    public static bool IsShared(FileChoice choice, Entry entry, FileSharing sharing) =>
        choice.Action is FileAction.Keep or FileAction.Copy && sharing switch
        {
            FileSharing.Blocks => true,
            // A file has one mode, whatever it is called.
            FileSharing.Names => !choice.IsCopyOfMade && choice.Source.IsExecutable == entry.Executable,
            _ => false,
        };

    /// <summary>Sums up: what is kept, reused and fetched, file by file and in all.</summary>
    /// <param name="basis">What was decided.</param>
    /// <param name="files">Whole files of kept releases.</param>
    /// <param name="demand">The chunks that files lack.</param>
    /// <param name="local">The lacking chunks that lie on this disk.</param>
    public static UpdatePlan Plan(PlanBasis basis, LocalFiles files, ChunkDemand demand, LocalChunks local)
    {
        var (target, choices) = (basis.Target, basis.Choices);
        var steps = new PlanSteps(target, choices);
        var kinds = new List<KindTotals>();
        var (keptFiles, fetchChunks) = (0, 0);
        long changedBytes = 0, fetchBytes = 0;
        var deltaBytes = basis.Delta?.FetchBytes ?? 0;
        for (var i = 0; i < choices.Length; i++)
        {
            var entry = target.Entries[i];
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
            Product = target.Manifest.Product,
            Platform = target.Manifest.Platform,
            Version = target.Manifest.Version,
            FromVersion = basis.FromVersion,
            ManifestDigest = target.Digest,
            Files = target.Files,
            TreeBytes = target.TreeBytes,
            KeptFiles = keptFiles,
            ChangedBytes = changedBytes,
            ReusedBytes = Math.Max(0, target.TreeBytes - fetchBytes - deltaBytes),
            FetchBytes = fetchBytes,
            FetchChunks = fetchChunks,
            DeltaBytes = deltaBytes,
            PeakDiskBytes = DiskBytes(basis),
            Kinds = WithDelta(kinds, deltaBytes),
            Steps = steps,
        };
    }

    /// <summary>Adds an entry to its kind; the list is in the order of the kinds.</summary>
    private static void Count(List<KindTotals> kinds, FileAction action, long size, long fetch)
    {
        var at = 0;
        while (at < kinds.Count && kinds[at].Action < action)
            at++;
        if (at == kinds.Count || kinds[at].Action != action)
            kinds.Insert(at, new KindTotals(action, 0, 0, 0));
        var (_, entries, sizes, fetches) = kinds[at];
        kinds[at] = new KindTotals(action, entries + 1, sizes + size, fetches + fetch);
    }

    private static List<KindTotals> WithDelta(List<KindTotals> kinds, long deltaBytes)
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
