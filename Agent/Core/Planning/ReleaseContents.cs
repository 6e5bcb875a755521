using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>A release as the planner sees it: the entries of its manifest and what follows from them alone.</summary>
/// <remarks>
/// Immutable. The manifest is one that was accepted before (<see cref="VerifiedManifest"/>) or whose digest the
/// state names, so its sizes and digests are taken as they are; the sums are checked all the same.
/// </remarks>
internal sealed class ReleaseContents
{
    /// <summary>What the name of a file takes on disk whose content takes nothing, bytes.</summary>
    public const long NameBytes = 1024;

    /// <summary>Bytes that a file system gives out at least, and what a directory or link is taken to cost.</summary>
    private const long BlockBytes = 4096;

    /// <summary>Wraps a manifest.</summary>
    /// <param name="manifest">Not changed and not copied.</param>
    /// <param name="digest">The digest of its payload.</param>
    public ReleaseContents(Manifest manifest, Digest digest)
    {
        Manifest = manifest;
        Digest = digest;
        foreach (var entry in manifest.Entries)
        {
            if (entry.Kind != EntryKind.File)
                continue;
            Files++;
            TreeBytes = checked(TreeBytes + (long)entry.Size);
        }
    }

    /// <summary>The manifest itself.</summary>
    public Manifest Manifest { get; }

    /// <summary>The digest of the manifest's payload: the release's name in bytes.</summary>
    public Digest Digest { get; }

    /// <summary>The entries, sorted by the bytes of their paths.</summary>
    public IReadOnlyList<Entry> Entries => Manifest.Entries;

    /// <summary>How many entries are files.</summary>
    public int Files { get; }

    /// <summary>Sum of the files' sizes, bytes.</summary>
    public long TreeBytes { get; }

    /// <summary>How its files were cut.</summary>
    public Chunking.CutParameters Cut => Manifest.Cut.ToChunking();

    /// <summary>The path of every entry.</summary>
    public string[] Paths()
    {
        var paths = new string[Entries.Count];
        for (var i = 0; i < paths.Length; i++)
            paths[i] = Entries[i].Path;
        return paths;
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
