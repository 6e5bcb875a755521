using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Storage;

/// <summary>A file of a release that is not empty.</summary>
/// <param name="Entry">Its index in the manifest.</param>
/// <param name="Path">Its path in the release.</param>
/// <param name="Content">Size, digest and recipe.</param>
public sealed record ListedFile(uint Entry, string Path, ReleaseFile Content)
{
    /// <summary>Bytes.</summary>
    public long Size => Content.Size;

    /// <summary>Of the whole file.</summary>
    public Digest Digest => Content.Digest;
}

/// <summary>The files of a release with their paths: what tells two releases apart.</summary>
public sealed class ReleaseListing
{
    private readonly Dictionary<string, ListedFile> _byPath;

    /// <summary>Makes a listing.</summary>
    /// <param name="cut">How the files are cut.</param>
    /// <param name="files">Every file that is not empty, in the order of their entries.</param>
    /// <param name="sizes">The size of each entry in bytes; -1 for one that is not a file.</param>
    public ReleaseListing(CutParameters cut, IReadOnlyList<ListedFile> files, IReadOnlyList<long> sizes)
    {
        ArgumentNullException.ThrowIfNull(files);
        (Cut, Files, Sizes) = (cut, files, sizes);
        _byPath = files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        Digests = files.Select(file => file.Digest).ToHashSet();
    }

    /// <summary>The release of a device that has none.</summary>
    public static ReleaseListing Empty { get; } = new(CutParameters.Default, [], []);

    /// <summary>The parameters that the files are cut with.</summary>
    public CutParameters Cut { get; }

    /// <summary>Every file that is not empty, in the order of their entries.</summary>
    public IReadOnlyList<ListedFile> Files { get; }

    /// <summary>The size of each entry in bytes; -1 for one that is not a file.</summary>
    public IReadOnlyList<long> Sizes { get; }

    /// <summary>The contents that there are.</summary>
    public IReadOnlySet<Digest> Digests { get; }

    /// <summary>The file of a path; null when there is none that has content.</summary>
    public ListedFile? Find(string path) => _byPath.GetValueOrDefault(path);

    /// <summary>Reads a manifest's payload entry by entry; the whole message is never in memory.</summary>
    /// <param name="payload">Of a release that was verified when it was committed.</param>
    /// <exception cref="ObjectDamagedException">The stored manifest is damaged.</exception>
    public static ReleaseListing Read(ByteString payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        try
        {
            return Read(payload.CreateCodedInput());
        }
        catch (Exception failure) when (failure is InvalidProtocolBufferException or ManifestInvalidException)
        {
            throw new ObjectDamagedException("a stored manifest is damaged: it cannot be read", failure);
        }
    }

    private static ReleaseListing Read(CodedInputStream input)
    {
        var cut = new FileCutting();
        var files = new List<ListedFile>();
        var sizes = new List<long>();
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case Manifest.CutFieldNumber: cut.MergeFrom(input.ReadBytes()); break;
                case Manifest.EntriesFieldNumber:
                    Note(Entry.Parser.ParseFrom(input.ReadBytes()), files, sizes);
                    break;
                default: input.SkipLastField(); break;
            }
        }

        return new ReleaseListing(cut.ToChunking(), files, sizes);
    }

    private static void Note(Entry entry, List<ListedFile> files, List<long> sizes)
    {
        var size = entry.Kind == EntryKind.File ? checked((long)entry.Size) : -1;
        if (size > 0)
        {
            files.Add(new ListedFile(
                (uint)sizes.Count, entry.Path,
                new ReleaseFile(size, entry.Digest.ToDigest(), entry.RecipeDigest())));
        }

        sizes.Add(size);
    }
}
