using ChunkOta.Chunking;
using Google.Protobuf;

namespace ChunkOta.Protos;

/// <summary>Conversions between documents and the types that the code works with.</summary>
public static class DocumentConversions
{
    /// <summary>The digest that a document or message carries.</summary>
    /// <param name="bytes">32 bytes.</param>
    /// <exception cref="ManifestInvalidException">MANIFEST_INVALID: another length.</exception>
    public static Digest ToDigest(this ByteString bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return Digest.TryFromBytes(bytes.Span, out var digest)
            ? digest
            : throw new ManifestInvalidException(ErrorCodes.ManifestInvalid,
                $"a digest is {Digest.Size} bytes, not {bytes.Length}");
    }

    /// <summary>The digest as messages carry it.</summary>
    /// <param name="digest">Any digest.</param>
    public static ByteString ToByteString(this Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Digest.Size];
        digest.CopyTo(bytes);
        return ByteString.CopyFrom(bytes);
    }

    /// <summary>The parameters as the chunker takes them, checked.</summary>
    /// <param name="cut">From a manifest or the server; null when it was absent.</param>
    /// <exception cref="ManifestInvalidException">MANIFEST_INVALID: absent, or nothing can be cut with
    /// them.</exception>
    public static CutParameters ToChunking(this FileCutting? cut)
    {
        if (cut is null)
            throw Invalid("they are missing");
        if (cut.MinBytes > int.MaxValue || cut.AverageBytes > int.MaxValue || cut.MaxBytes > int.MaxValue)
            throw Invalid("a size is out of range");
        var parameters = new CutParameters((int)cut.MinBytes, (int)cut.AverageBytes, (int)cut.MaxBytes, cut.Seed);
        return parameters.FindProblem() is { } problem ? throw Invalid(problem) : parameters;

        static ManifestInvalidException Invalid(string why) =>
            new(ErrorCodes.ManifestInvalid, $"the cut parameters cannot be used: {why}");
    }

    /// <summary>The parameters as documents carry them.</summary>
    /// <param name="cut">Valid parameters.</param>
    public static FileCutting ToDocument(this CutParameters cut) => new()
    {
        MinBytes = (uint)cut.Min,
        AverageBytes = (uint)cut.Average,
        MaxBytes = (uint)cut.Max,
        Seed = cut.Seed,
    };

    /// <summary>The digest of a file entry's whole content; null for an empty file, a directory or a link.</summary>
    /// <param name="entry">An entry that keeps the rules.</param>
    public static Digest? FileDigest(this Entry entry) => Optional(entry.Digest);

    /// <summary>The digest of a file entry's recipe; null when the file is one chunk or empty, or no file.</summary>
    /// <param name="entry">An entry that keeps the rules.</param>
    public static Digest? RecipeDigest(this Entry entry) => Optional(entry.Recipe);

    /// <summary>The only chunk of a file of one chunk; null for every other entry.</summary>
    /// <param name="entry">An entry that keeps the rules.</param>
    public static ChunkRef? SingleChunk(this Entry entry) =>
        entry.FileDigest() is { } digest && entry.Recipe.IsEmpty
            ? new ChunkRef(digest, checked((int)entry.Size))
            : null;

    /// <summary>The Unix permission bits that a file entry stands for: 0755 or 0644.</summary>
    /// <param name="entry">A file entry.</param>
    public static UnixFileMode Mode(this Entry entry)
    {
        const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite
            | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        return entry.Executable
            ? Plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute
            : Plain;
    }

    private static Digest? Optional(ByteString bytes) => bytes.IsEmpty ? null : bytes.ToDigest();
}
