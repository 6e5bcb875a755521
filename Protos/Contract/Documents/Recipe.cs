using System.Buffers.Binary;
using ChunkOta.Chunking;

namespace ChunkOta.Protos;

/// <summary>The chunks that make one file, in order: an object of its own, signed through its digest.</summary>
/// <remarks>
/// Bytes: for each chunk its plain length (u32le, bytes) and its digest (32 bytes), nothing before, between or after.
/// There are at least two chunks: a file of one chunk has no recipe, its digest is the chunk's.
/// </remarks>
public sealed class Recipe
{
    /// <summary>Length in bytes of a chunk's part of a recipe.</summary>
    public const int BytesPerChunk = sizeof(uint) + Digest.Size;

    private readonly byte[] _bytes;

    private Recipe(IReadOnlyList<ChunkRef> chunks, byte[] bytes, Digest digest)
    {
        Chunks = chunks;
        _bytes = bytes;
        Digest = digest;
    }

    /// <summary>The chunks in file order, at least two.</summary>
    public IReadOnlyList<ChunkRef> Chunks { get; }

    /// <summary>The recipe's name: the digest of its bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Length in bytes of the file that the chunks make.</summary>
    public long FileBytes => Chunks.Sum(chunk => (long)chunk.Length);

    /// <summary>The longest that the recipe of a file can be: read no more of it than that.</summary>
    /// <param name="fileSize">The file's signed size in bytes.</param>
    /// <param name="cut">How the release is cut.</param>
    /// <returns>Bytes.</returns>
    public static long MaxBytes(ulong fileSize, CutParameters cut) =>
        checked(((long)(fileSize / (ulong)cut.Min) + 1) * BytesPerChunk);

    /// <summary>The recipe of chunks.</summary>
    /// <param name="chunks">At least two, none empty.</param>
    /// <exception cref="ArgumentException">There are fewer, or an empty one.</exception>
    public static Recipe Of(IReadOnlyList<ChunkRef> chunks)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        if (chunks.Count < 2)
            throw new ArgumentException("A file of one chunk has no recipe.", nameof(chunks));
        var bytes = new byte[checked(chunks.Count * BytesPerChunk)];
        var rest = bytes.AsSpan();
        foreach (var chunk in chunks)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunk.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)chunk.Length);
            chunk.Hash.CopyTo(rest[sizeof(uint)..]);
            rest = rest[BytesPerChunk..];
        }
        return new Recipe([.. chunks], bytes, Digest.Of(bytes));
    }

    /// <summary>Reads a recipe that came from elsewhere.</summary>
    /// <param name="bytes">What came, whole.</param>
    /// <param name="expected">The digest in the signed manifest.</param>
    /// <param name="fileSize">The file's signed size in bytes.</param>
    /// <param name="cut">How the release is cut, from its signed manifest.</param>
    /// <exception cref="ManifestInvalidException">
    /// TOO_LARGE: longer than the file's recipe can be; DIGEST_MISMATCH: not the one that was signed;
    /// MANIFEST_INVALID: it was signed but does not make the file.
    /// </exception>
    public static Recipe Parse(ReadOnlySpan<byte> bytes, Digest expected, ulong fileSize, CutParameters cut)
    {
        cut.Validate();
        if (fileSize > long.MaxValue)
            throw Invalid(expected, $"no file has {fileSize} bytes");
        if (bytes.Length > MaxBytes(fileSize, cut))
            throw new ManifestInvalidException(ErrorCodes.TooLarge,
                $"recipe {expected} has {bytes.Length} bytes, that of a file of {fileSize} bytes has at most "
                + $"{MaxBytes(fileSize, cut)}");
        var actual = Digest.Of(bytes);
        if (actual != expected)
            throw new ManifestInvalidException(ErrorCodes.DigestMismatch,
                $"recipe {expected} is damaged: its bytes hash to {actual}");
        if (bytes.Length % BytesPerChunk != 0 || bytes.Length < 2 * BytesPerChunk)
            throw Invalid(expected, $"{bytes.Length} bytes are not those of two or more chunks");
        return new Recipe(ReadChunks(bytes, expected, fileSize, cut), bytes.ToArray(), actual);
    }

    /// <summary>The bytes of the recipe as a copy of the caller's own.</summary>
    public byte[] ToBytes() => [.. _bytes];

    private static ChunkRef[] ReadChunks(ReadOnlySpan<byte> bytes, Digest expected, ulong fileSize, CutParameters cut)
    {
        var chunks = new ChunkRef[bytes.Length / BytesPerChunk];
        var sum = 0UL;
        for (var number = 0; number < chunks.Length; number++)
        {
            var part = bytes.Slice(number * BytesPerChunk, BytesPerChunk);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(part);
            var isLast = number == chunks.Length - 1;
            if (length == 0 || length > (uint)cut.Max || (length < (uint)cut.Min && !isLast))
                throw Invalid(expected, $"no cut makes a chunk {number} of {length} bytes");
            sum += length; // cannot overflow: the number of chunks and their lengths are bounded
            chunks[number] = new ChunkRef(Digest.FromBytes(part[sizeof(uint)..]), (int)length);
        }
        return sum == fileSize ? chunks : throw Invalid(expected, $"its chunks make {sum} bytes, not {fileSize}");
    }

    private static ManifestInvalidException Invalid(Digest recipe, string why) =>
        new(ErrorCodes.ManifestInvalid, $"recipe {recipe} does not make its file: {why}");
}
