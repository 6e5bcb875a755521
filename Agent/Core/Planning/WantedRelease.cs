using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>A release as the planner sees it: the entries of its manifest and what follows from them alone.</summary>
/// <remarks>
/// Immutable. The manifest is one that was accepted before (<see cref="VerifiedManifest"/>) or whose digest the
/// state names, so its sizes and digests are taken as they are; the sums are checked all the same.
/// </remarks>
internal sealed class WantedRelease
{
    /// <summary>What the name of a file takes on disk whose content takes nothing, bytes.</summary>
    public const long NameBytes = 1024;

    /// <summary>Bytes that a file system gives out at least, and what a directory or link is taken to cost.</summary>
    private const long BlockBytes = 4096;

    /// <summary>Wraps a manifest.</summary>
    /// <param name="manifest">Not changed and not copied; entries of its own are not looked at.</param>
    /// <param name="entries">Its entries, sorted.</param>
    /// <param name="digest">The digest of its payload.</param>
    public WantedRelease(Manifest manifest, IReadOnlyList<Entry> entries, Digest digest)
    {
        Manifest = manifest;
        Entries = entries;
        Digest = digest;
        foreach (var entry in entries)
        {
            if (entry.Kind != EntryKind.File)
                continue;
            Files++;
            TreeBytes = checked(TreeBytes + (long)entry.Size);
        }
    }

    /// <summary>What the manifest says but for the entries.</summary>
    public Manifest Manifest { get; }

    /// <summary>The digest of the manifest's payload: the release's name in bytes.</summary>
    public Digest Digest { get; }

    /// <summary>The entries, sorted by the bytes of their paths. Each is read when it is asked for, and is not
    /// kept: there may be very many.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>How many entries are files.</summary>
    public int Files { get; }

    /// <summary>Sum of the files' sizes, bytes.</summary>
    public long TreeBytes { get; }

    /// <summary>How its files were cut.</summary>
    public Chunking.CutParameters Cut => Manifest.Cut.ToChunking();

    /// <summary>Wraps a manifest that was accepted.</summary>
    /// <param name="manifest">Not changed and not copied.</param>
    public static WantedRelease Of(VerifiedManifest manifest) => new(manifest.Head, manifest.Entries, manifest.Digest);

    /// <summary>The number of the entry of a path; negative when there is none.</summary>
    /// <param name="path">The path.</param>
    public int Find(string path) =>
        LowerBound(path) is var at && at < Entries.Count && Entries[at].Path == path ? at : -1;

    /// <summary>Whether a path is a directory: one that is empty, or has an entry below it.</summary>
    /// <param name="path">The path.</param>
    public bool HasDirectory(string path)
    {
        var below = path + "/";
        return (LowerBound(below) is var at && at < Entries.Count
                && Entries[at].Path.StartsWith(below, StringComparison.Ordinal))
            || (Find(path) is >= 0 and var own && Entries[own].Kind == EntryKind.EmptyDirectory);
    }

    /// <summary>Where another release has the same file under the same path.</summary>
    /// <param name="other">The other release.</param>
    /// <returns>For each entry its number there; negative where it is another file or none, or an empty one.</returns>
    public int[] SameIn(WantedRelease? other)
    {
        var same = new int[Entries.Count];
        Array.Fill(same, -1);
        if (other is null || other.Entries.Count == 0)
            return same;
        var (at, theirs) = (0, other.Entries[0]);
        for (var i = 0; i < same.Length; i++)
        {
            var entry = Entries[i];
            var order = ReleasePath.Compare(theirs.Path, entry.Path);
            while (order < 0 && ++at < other.Entries.Count)
            {
                theirs = other.Entries[at];
                order = ReleasePath.Compare(theirs.Path, entry.Path);
            }
            if (order == 0 && !entry.Digest.IsEmpty && entry.Digest == theirs.Digest)
                same[i] = at;
        }
        return same;
    }

    /// <summary>The number of the first entry whose path is not before another.</summary>
    private int LowerBound(string path)
    {
        var (low, high) = (0, Entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = ReleasePath.Compare(Entries[middle].Path, path) < 0 ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    /// <summary>The size of every entry in bytes; negative where it is no file.</summary>
    public long[] FileSizes()
    {
        var sizes = new long[Entries.Count];
        for (var i = 0; i < sizes.Length; i++)
            sizes[i] = Entries[i].Kind == EntryKind.File ? (long)Entries[i].Size : -1;
        return sizes;
    }

    /// <summary>The digest of a file's content; zero for an empty file, a link or a directory.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    public static Digest ContentOf(Entry entry) =>
        entry.Digest.IsEmpty ? default : Digest.FromBytes(entry.Digest.Span);

    /// <summary>Whether the file's chunks are said by a recipe; else it is one chunk, or empty.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    public static bool HasRecipe(Entry entry) => !entry.Recipe.IsEmpty;

    /// <summary>What an entry takes on disk, bytes, rounded up to whole blocks.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    public static long DiskBytes(Entry entry) =>
        checked(((long)entry.Size + BlockBytes - 1) / BlockBytes * BlockBytes) + BlockBytes;
}
