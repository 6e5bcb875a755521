using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Storage;

/// <summary>A file of a release that is not empty.</summary>
/// <param name="Entry">Its index in the manifest.</param>
/// <param name="Path">Its path in the release.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Digest">The digest of the whole file.</param>
/// <param name="Recipe">Null when the file is one chunk, whose hash is the file's digest.</param>
public sealed record ReleaseFile(uint Entry, string Path, long Size, Digest Digest, Digest? Recipe)
{
    /// <summary>The domain of its product, which has its recipe and its chunks.</summary>
    public DedupDomain Domain { get; init; } = DedupDomain.Shared;
}

/// <summary>The files of a stored release: what serving them and comparing two releases needs of a manifest.</summary>
/// <remarks>Immutable.</remarks>
public sealed class ReleaseListing
{
    private readonly ReleaseFile?[] _entries;

    /// <summary>Makes a listing.</summary>
    /// <param name="cut">How the files are cut.</param>
    /// <param name="files">Every file that is not empty, in the order of their entries, which is that of their
    /// paths.</param>
    /// <param name="sizes">The size of each entry in bytes; -1 for one that is not a file.</param>
    public ReleaseListing(CutParameters cut, IReadOnlyList<ReleaseFile> files, IReadOnlyList<long> sizes)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(sizes);
        (Cut, Files, Sizes) = (cut, files, sizes);
        _entries = new ReleaseFile?[sizes.Count];
        foreach (var file in files) _entries[file.Entry] = file;
    }

    /// <summary>The release of a device that has none.</summary>
    public static ReleaseListing Empty { get; } = new(CutParameters.Default, [], []);

    /// <summary>The parameters that the files are cut with.</summary>
    public CutParameters Cut { get; }

    /// <summary>The domain of the product.</summary>
    public DedupDomain Domain { get; private init; } = DedupDomain.Shared;

    /// <summary>Every file that is not empty, in the order of their entries.</summary>
    public IReadOnlyList<ReleaseFile> Files { get; }

    /// <summary>The size of each entry in bytes; -1 for one that is not a file.</summary>
    public IReadOnlyList<long> Sizes { get; }

    /// <summary>The approximate memory it occupies, bytes.</summary>
    public long Bytes => 256 + (16L * Sizes.Count) + Files.Sum(file => 144L + (2 * file.Path.Length));

    /// <summary>Reads a manifest's payload entry by entry; the whole message is never in memory.</summary>
    /// <param name="payload">Of a release that was verified when it was committed.</param>
    /// <param name="domain">The domain of its product.</param>
    /// <exception cref="ObjectDamagedException">The stored manifest is damaged.</exception>
    public static ReleaseListing Read(ByteString payload, DedupDomain domain)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return Read(payload, input => Read(input, domain));
    }

    /// <summary>The product of a manifest, as a parser of the whole message reads it; empty when it names
    /// none.</summary>
    /// <exception cref="ObjectDamagedException">The stored manifest is damaged.</exception>
    internal static string ReadProduct(ByteString payload) => Read(payload, ReadProduct);

    private static T Read<T>(ByteString payload, Func<CodedInputStream, T> read)
    {
        try
        {
            return read(payload.CreateCodedInput());
        }
        catch (Exception failure) when (failure is InvalidProtocolBufferException or ManifestInvalidException)
        {
            throw new ObjectDamagedException("a stored manifest is damaged: it cannot be read", failure);
        }
    }

    /// <summary>The file at an index of the manifest.</summary>
    /// <exception cref="ChunkOtaException">ENTRY_INVALID: there is no file with content at that index.</exception>
    public ReleaseFile GetFile(uint entry) =>
        (entry < (uint)_entries.Length ? _entries[entry] : null)
        ?? throw new ChunkOtaException(
            ErrorCodes.EntryInvalid, $"entry {entry} of the release is not a file with content");

    /// <summary>The file of a path; null when there is none that has content.</summary>
    public ReleaseFile? Find(string path)
    {
        var (low, high) = (0, Files.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = ReleasePath.Compare(Files[middle].Path, path);
            if (order == 0) return Files[middle];
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return null;
    }

    /// <summary>Tells whether one of the files has a recipe.</summary>
    public bool HasRecipe(Digest recipe) => Files.Any(file => file.Recipe == recipe);

    private static string ReadProduct(CodedInputStream input)
    {
        const uint ProductTag = (Manifest.ProductFieldNumber << 3) | (uint)WireFormat.WireType.LengthDelimited;
        var product = "";
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (tag == ProductTag) product = input.ReadString();
            else input.SkipLastField();
        }

        return product;
    }

    private static ReleaseListing Read(CodedInputStream input, DedupDomain domain)
    {
        var cut = new FileCutting();
        var files = new List<ReleaseFile>();
        var sizes = new List<long>();
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            switch (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag))
            {
                case (Manifest.CutFieldNumber, WireFormat.WireType.LengthDelimited):
                    cut.MergeFrom(input.ReadBytes());
                    break;
                case (Manifest.EntriesFieldNumber, WireFormat.WireType.LengthDelimited):
                    Add(Entry.Parser.ParseFrom(input.ReadBytes()), domain, files, sizes);
                    break;
                default: input.SkipLastField(); break;
            }
        }

        return new ReleaseListing(cut.ToChunking(), [.. files], [.. sizes]) { Domain = domain };
    }

    private static void Add(Entry entry, DedupDomain domain, List<ReleaseFile> files, List<long> sizes)
    {
        var size = entry.Kind == EntryKind.File ? checked((long)entry.Size) : -1;
        if (size > 0)
        {
            files.Add(new ReleaseFile(
                (uint)sizes.Count, entry.Path, size, entry.Digest.ToDigest(), entry.RecipeDigest())
            {
                Domain = domain,
            });
        }

        sizes.Add(size);
    }
}
