using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using ChunkOta.Chunking;
using ChunkOta.Durable;
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

    /// <summary>Adds all recipes of another bundle.</summary>
    /// <param name="other">The other bundle.</param>
    public void AddAll(RecipeBundle other)
    {
        foreach (var (digest, bytes) in other._byDigest)
            _byDigest.TryAdd(digest, bytes);
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

/// <summary>The recipes of a release as they come, before all of them are here: a run that is killed leaves them to the
/// next one.</summary>
/// <remarks>
/// Records that follow each other, of which the last may be torn:
/// <code>
/// offset  size  field
///      0    32  digest of the recipe
///     32     4  length n, u32le; 0: what came of this recipe before is wrong
///     36     n  the next bytes of the recipe
/// </code>
/// Nothing is synced, and nothing is trusted: a recipe is used only if it has its digest. Small releases never get a
/// file, as their recipes come in one piece.
/// </remarks>
/// <param name="path">The file's path.</param>
/// <param name="begun">The records that an earlier run left in it.</param>
internal sealed class RecipeSpool(string path, RecipeSpool.SpooledRecipes begun) : IDisposable
{
    private const int HeaderBytes = Digest.Size + sizeof(uint);
    private const int FlushBytes = 32 * 1024;

    private readonly ArrayBufferWriter<byte> _pending = new();
    private readonly SpooledRecipes _begun = begun;
    private DurableFile? _file;
    private long _length = begun.Bytes;

    /// <summary>Reads the records, up to the first that is torn.</summary>
    /// <param name="file">The file's bytes; kept, not copied. Null for none.</param>
    public static SpooledRecipes Read(byte[]? file)
    {
        var (whole, recipe, bytes) = (new RecipeBundle(), default(Digest), new ArrayBufferWriter<byte>());
        var rest = file.AsMemory();
        while (rest.Length >= HeaderBytes)
        {
            var digest = Digest.FromBytes(rest.Span[..Digest.Size]);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest.Span[Digest.Size..]);
            if (length > rest.Length - HeaderBytes)
                break;
            if (digest != recipe || length == 0)
            {
                Keep();
                recipe = digest;
            }
            bytes.Write(rest.Span.Slice(HeaderBytes, (int)length));
            rest = rest[(HeaderBytes + (int)length)..];
        }
        var read = (file?.Length ?? 0) - rest.Length;
        if (bytes.WrittenCount > 0 && Digest.Of(bytes.WrittenSpan) != recipe)
            return new SpooledRecipes(whole, recipe, bytes.WrittenMemory, read);
        Keep();
        return new SpooledRecipes(whole, default, default, read);

        void Keep()
        {
            // The bundle looks at the digest when the recipe is used.
            if (bytes.WrittenCount > 0)
                whole.Add(recipe, bytes.WrittenSpan.ToArray());
            bytes.ResetWrittenCount();
        }
    }

    /// <summary>Returns what has come of a recipe that is not whole; empty for nothing.</summary>
    /// <param name="recipe">The digest of the recipe.</param>
    public ReadOnlyMemory<byte> FindBegun(Digest recipe) => recipe == _begun.Begun ? _begun.BegunBytes : default;

    /// <summary>Adds the next bytes of a recipe.</summary>
    /// <param name="recipe">The digest of the recipe.</param>
    /// <param name="bytes">The bytes; none when what came before is wrong.</param>
    public void Add(Digest recipe, ReadOnlySpan<byte> bytes)
    {
        var header = _pending.GetSpan(HeaderBytes);
        recipe.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[Digest.Size..], bytes.Length);
        _pending.Advance(HeaderBytes);
        _pending.Write(bytes);
        if (_pending.WrittenCount >= FlushBytes)
            Flush();
    }

    /// <summary>Writes what was added, unless it is too little to be worth a file.</summary>
    private void Flush()
    {
        _file ??= Fs.FindStatus(path) is { Kind: FileKind.File }
            ? DurableFile.OpenWrite(path)
            : DurableFile.Create(path);
        _file.WriteAt(_length, _pending.WrittenSpan);
        _length += _pending.WrittenCount;
        _pending.ResetWrittenCount();
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    /// <summary>The records of a file.</summary>
    /// <param name="Whole">The recipes that are whole, as far as their lengths tell.</param>
    /// <param name="Begun">The digest of the last recipe, if it is not whole.</param>
    /// <param name="BegunBytes">Its first bytes.</param>
    /// <param name="Bytes">The length of all whole records.</param>
    internal sealed record SpooledRecipes(
        RecipeBundle Whole, Digest Begun, ReadOnlyMemory<byte> BegunBytes, long Bytes);
}
