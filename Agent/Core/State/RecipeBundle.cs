using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The recipes that this device holds: with them, installed files serve as sources of chunks.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     8  magic "COTARECI"
///      8     4  version, u32le: 1
///     12     4  number of recipes, u32le
///     16        for each: 32 bytes digest, u32le length, the recipe
/// </code>
/// A recipe is verified by its digest when it is read from the bundle, so damage costs only the recipes it hits.
/// </remarks>
internal sealed class RecipeBundle
{
    private const int HeaderBytes = 16;

    private readonly Dictionary<Digest, ReadOnlyMemory<byte>> _byDigest = [];

    private static ReadOnlySpan<byte> Magic => "COTARECI\u0001\0\0\0"u8;

    /// <summary>The number of recipes.</summary>
    public int Count => _byDigest.Count;

    /// <summary>Reads a bundle, up to the first damage.</summary>
    /// <param name="file">The file's bytes; kept, not copied. Null for an empty bundle.</param>
    public static RecipeBundle Read(byte[]? file)
    {
        var bundle = new RecipeBundle();
        if (file is null || file.Length < HeaderBytes || !file.AsSpan().StartsWith(Magic))
            return bundle;
        var rest = file.AsMemory(HeaderBytes);
        for (var left = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12)); left > 0; left--)
        {
            if (rest.Length < Digest.Size + 4)
                break;
            var digest = Digest.FromBytes(rest.Span[..Digest.Size]);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest.Span[Digest.Size..]);
            rest = rest[(Digest.Size + 4)..];
            if (length > rest.Length)
                break;
            bundle._byDigest.TryAdd(digest, rest[..(int)length]);
            rest = rest[(int)length..];
        }
        return bundle;
    }

    /// <summary>Adds a recipe.</summary>
    /// <param name="digest">Its digest.</param>
    /// <param name="recipe">Its bytes; kept, not copied.</param>
    public void Add(Digest digest, ReadOnlyMemory<byte> recipe) => _byDigest.TryAdd(digest, recipe);

    /// <summary>Finds the chunks of a file.</summary>
    /// <param name="entry">The file; one without a recipe is its own chunk.</param>
    /// <param name="cut">The parameters that it was cut with.</param>
    /// <param name="chunks">Its chunks in order.</param>
    /// <returns>False when the recipe is missing or damaged.</returns>
    public bool TryFind(
        Entry entry, CutParameters cut, [NotNullWhen(true)] out IReadOnlyList<ChunkRef>? chunks)
    {
        chunks = null;
        if (entry.SingleChunk() is { } single)
        {
            chunks = [single];
            return true;
        }
        var digest = entry.Recipe.ToDigest();
        if (!_byDigest.TryGetValue(digest, out var bytes))
            return false;
        if (Digest.Of(bytes.Span) != digest)
        {
            _byDigest.Remove(digest);
            return false;
        }
        chunks = Recipe.Parse(bytes.Span, digest, entry.Size, cut).Chunks;
        return true;
    }

    /// <summary>Returns the chunks of a file whose recipe is here.</summary>
    /// <param name="entry">The file.</param>
    /// <param name="cut">The parameters that it was cut with.</param>
    /// <exception cref="ChunkOtaException"><c>MANIFEST_INVALID</c>: the recipe is not of the file's size.</exception>
    public IReadOnlyList<ChunkRef> Get(Entry entry, CutParameters cut) =>
        TryFind(entry, cut, out var chunks)
            ? chunks
            : throw new InvalidOperationException($"The recipe of {entry.Path} was never put here.");

    /// <summary>Adds the recipes of some files from another bundle.</summary>
    /// <param name="other">The other bundle.</param>
    /// <param name="entries">The files.</param>
    public void AddFrom(RecipeBundle other, IEnumerable<Entry> entries)
    {
        foreach (var entry in entries.Where(ReleaseContents.HasRecipe))
        {
            var digest = Digest.FromBytes(entry.Recipe.Span);
            if (other._byDigest.TryGetValue(digest, out var bytes))
                _byDigest.TryAdd(digest, bytes);
        }
    }

    /// <summary>Returns the bundle as the bytes of a file.</summary>
    public byte[] ToBytes()
    {
        var file = new byte[HeaderBytes + _byDigest.Values.Sum(bytes => Digest.Size + 4 + bytes.Length)];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(12), _byDigest.Count);
        var rest = file.AsSpan(HeaderBytes);
        Digest[] digests = [.. _byDigest.Keys];
        Array.Sort(digests);
        foreach (var digest in digests)
        {
            var bytes = _byDigest[digest];
            digest.CopyTo(rest);
            BinaryPrimitives.WriteInt32LittleEndian(rest[Digest.Size..], bytes.Length);
            bytes.Span.CopyTo(rest[(Digest.Size + 4)..]);
            rest = rest[(Digest.Size + 4 + bytes.Length)..];
        }
        return file;
    }
}
