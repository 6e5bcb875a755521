using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>A release as an update sees it, wanted or held: its entries and what follows from them.</summary>
/// <remarks>
/// Immutable. The manifest is one that was verified before (<see cref="VerifiedManifest"/>), or whose digest the state
/// names, so its sizes and digests are used as they are; the sums are checked all the same.
/// </remarks>
internal sealed class ReleaseContents
{
    /// <summary>Disk for the name of a file whose content takes none, bytes.</summary>
    public const long NameBytes = 1024;

    /// <summary>The smallest disk allocation, and the assumed cost of a directory or link, bytes.</summary>
    private const long BlockBytes = 4096;

    /// <summary>A check that finds nothing new needs neither, and adding them reads every entry.</summary>
    private readonly Lazy<(int Files, long Bytes)> _sums;

    /// <summary>Wraps a manifest.</summary>
    /// <param name="manifest">Not changed and not copied; its own entries are ignored.</param>
    /// <param name="entries">Its entries, sorted.</param>
    /// <param name="digest">The digest of its payload.</param>
    public ReleaseContents(Manifest manifest, IReadOnlyList<Entry> entries, Digest digest)
    {
        Manifest = manifest;
        Entries = entries;
        Digest = digest;
        _sums = new Lazy<(int, long)>(Add);
    }

    /// <summary>The manifest without its entries.</summary>
    public Manifest Manifest { get; }

    /// <summary>The digest of the manifest's payload: the release's only name in bytes.</summary>
    public Digest Digest { get; }

    /// <summary>The entries, sorted by the bytes of their paths. Each is parsed when it is asked for and not kept:
    /// there may be very many.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>The number of entries that are files.</summary>
    public int Files => _sums.Value.Files;

    /// <summary>Sum of the files' sizes, bytes.</summary>
    public long TreeBytes => _sums.Value.Bytes;

    /// <summary>The parameters that its files were cut with.</summary>
    public CutParameters Cut => Manifest.Cut.ToChunking();

    /// <summary>Wraps a verified manifest.</summary>
    /// <param name="manifest">Not changed and not copied.</param>
    public static ReleaseContents Of(VerifiedManifest manifest) =>
        new(manifest.Head, manifest.Entries, manifest.Digest);

    /// <summary>Finds the index of the entry with a path; negative when there is none.</summary>
    /// <param name="path">The path.</param>
    public int Find(string path) =>
        LowerBound(path) is var index && index < Entries.Count && Entries[index].Path == path ? index : -1;

    /// <summary>Tells whether a path is a directory: an empty one, or one with an entry below it.</summary>
    /// <param name="path">The path.</param>
    public bool HasDirectory(string path)
    {
        var below = path + "/";
        return (LowerBound(below) is var index && index < Entries.Count
                && Entries[index].Path.StartsWith(below, StringComparison.Ordinal))
            || (Find(path) is >= 0 and var own && Entries[own].Kind == EntryKind.EmptyDirectory);
    }

    /// <summary>Finds the files that another release has under the same path.</summary>
    /// <param name="other">The other release.</param>
    /// <returns>For each entry its index there; negative when the file is different, missing or empty.</returns>
    public int[] SameIn(ReleaseContents? other)
    {
        var same = new int[Entries.Count];
        Array.Fill(same, -1);
        if (other is null || other.Entries.Count == 0)
            return same;
        var (index, theirs) = (0, other.Entries[0]);
        for (var i = 0; i < same.Length; i++)
        {
            var entry = Entries[i];
            var order = ReleasePath.Compare(theirs.Path, entry.Path);
            while (order < 0 && ++index < other.Entries.Count)
            {
                theirs = other.Entries[index];
                order = ReleasePath.Compare(theirs.Path, entry.Path);
            }
            if (order == 0 && !entry.Digest.IsEmpty && entry.Digest == theirs.Digest)
                same[i] = index;
        }
        return same;
    }

    /// <summary>Lists the size of every entry in bytes; negative where it is not a file.</summary>
    public long[] FileSizes()
    {
        var sizes = new long[Entries.Count];
        for (var i = 0; i < sizes.Length; i++)
            sizes[i] = Entries[i] is { Kind: EntryKind.File, Size: var size } ? (long)size : -1;
        return sizes;
    }

    /// <summary>The digest of a file's content; zero for an empty file, a link or a directory.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    public static Digest ContentOf(Entry entry) =>
        entry.Digest.IsEmpty ? default : Digest.FromBytes(entry.Digest.Span);

    /// <summary>Tells whether a recipe lists the file's chunks; else it is one chunk, or empty.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    public static bool HasRecipe(Entry entry) => !entry.Recipe.IsEmpty;

    /// <summary>The disk that an entry needs, bytes, rounded up to whole blocks.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    public static long DiskBytes(Entry entry) =>
        checked(((long)entry.Size + BlockBytes - 1) / BlockBytes * BlockBytes) + BlockBytes;

    private (int Files, long Bytes) Add()
    {
        var (files, bytes) = (0, 0L);
        foreach (var entry in Entries)
        {
            if (entry.Kind != EntryKind.File)
                continue;
            files++;
            bytes = checked(bytes + (long)entry.Size);
        }
        return (files, bytes);
    }

    /// <summary>The index of the first entry whose path is not before another.</summary>
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
}
