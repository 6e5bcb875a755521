using System.Buffers.Binary;
using ChunkOta.Chunking;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Protos;

/// <summary>A manifest's payload without the digests of the files that a delta makes: whoever makes those files knows
/// the digests, and nothing else of a small update is so long.</summary>
/// <remarks>
/// The payload has its full length. For each content that the old release lacks, the first file that has it bears
/// zeros for a digest, and further files of it 28 zeros and the number of that first one plus one (u32be); where such a
/// file has a recipe, its digest is zeros. An outline is not signed: what is made by it is believed when all digests
/// are in and the whole hashes and verifies as the manifest it stands for. Not safe for concurrent use.
/// </remarks>
public sealed class ManifestOutline
{
    private const int NumberAt = Digest.Size - sizeof(int);

    private readonly byte[] _payload;
    private readonly List<int> _likes = [];
    private int _left;

    private ManifestOutline(byte[] payload, Manifest head, ManifestEntries entries)
    {
        _payload = payload;
        Head = head;
        Entries = entries;
    }

    /// <summary>What the manifest says but for the entries.</summary>
    public Manifest Head { get; }

    /// <summary>The entries. Their digests appear as they are filled in.</summary>
    public ManifestEntries Entries { get; }

    /// <summary>The payload, unverified; null while digests are missing.</summary>
    public ReadOnlyMemory<byte>? Payload => _left == 0 ? _payload : default(ReadOnlyMemory<byte>?);

    /// <summary>Leaves out what a delta between two releases makes known.</summary>
    /// <param name="payload">The new manifest's payload; not changed.</param>
    /// <param name="held">The old manifest's payload.</param>
    /// <param name="limits">How large both may be.</param>
    /// <returns>The outline, and how many bytes of it need not be sent.</returns>
    public static (byte[] Outline, int SavedBytes) Make(
        ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> held, ManifestLimits limits)
    {
        var known = new HashSet<ByteString>();
        foreach (var entry in ManifestEntries.Read(held, limits).Entries)
            known.Add(entry.Digest);
        var outline = payload.ToArray();
        var entries = ManifestEntries.Read(outline, limits).Entries;
        var firsts = new Dictionary<ByteString, int>();
        var savedBytes = 0;
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            if (entry.Digest.IsEmpty || known.Contains(entry.Digest))
                continue;
            var isFirst = firsts.TryAdd(entry.Digest, i);
            var digest = entries.Slice(i, Entry.DigestFieldNumber, outline);
            digest.Clear();
            if (!isFirst)
                BinaryPrimitives.WriteInt32BigEndian(digest[NumberAt..], firsts[entry.Digest] + 1);
            savedBytes += isFirst ? Digest.Size : 0;
            if (entry.Recipe.IsEmpty)
                continue;
            entries.Slice(i, Entry.RecipeFieldNumber, outline).Clear();
            savedBytes += isFirst ? Digest.Size : 0;
        }
        return (outline, savedBytes);
    }

    /// <summary>Reads an outline; nothing of it is verified, but the manifest keeps the rules as far as it is known.</summary>
    /// <param name="payload">From now on the outline's, which fills it in.</param>
    /// <param name="limits">How large it may be.</param>
    /// <exception cref="ManifestInvalidException">As <see cref="ManifestRules"/>; MANIFEST_INVALID as well where a file
    /// is said to be like one that is not made before it.</exception>
    public static ManifestOutline Read(byte[] payload, ManifestLimits limits)
    {
        var (head, entries) = ManifestEntries.Read(payload, limits);
        ManifestRules.Check(head, entries, limits);
        var outline = new ManifestOutline(payload, head, entries);
        for (var i = 0; i < entries.Count; i++)
        {
            if (outline.IsBlank(i))
                outline._left++;
            if (outline.FirstOf(i) is not (>= 0 and var first))
                continue;
            if (!outline.IsLike(i, first))
                throw new ManifestInvalidException(
                    ErrorCodes.ManifestInvalid, $"entry {i} of an outline is said to be like entry {first}, which it is not");
            outline._likes.Add(i);
        }
        return outline;
    }

    /// <summary>Whether an entry's digest is missing, and has to be found by making the file.</summary>
    /// <param name="entry">The entry's number.</param>
    public bool IsBlank(int entry) =>
        Entries[entry].Digest is { IsEmpty: false } digest && !digest.Span.ContainsAnyExcept((byte)0);

    /// <summary>The entry whose content an entry has whose digest is missing.</summary>
    /// <param name="entry">The entry's number.</param>
    /// <returns>The other's number; negative where the digest is known, or has to be found.</returns>
    public int FirstOf(int entry) =>
        Entries[entry].Digest is { IsEmpty: false } digest && !digest.Span[..NumberAt].ContainsAnyExcept((byte)0)
            ? BinaryPrimitives.ReadInt32BigEndian(digest.Span[NumberAt..]) - 1
            : -1;

    /// <summary>Puts a file's digests where they belong, and where files are like it.</summary>
    /// <param name="entry">The number of an entry that is blank.</param>
    /// <param name="digest">Of the file; not zero.</param>
    /// <param name="recipe">Of its recipe; not looked at where it has none.</param>
    public void Fill(int entry, Digest digest, Digest recipe)
    {
        if (!IsBlank(entry))
            throw new InvalidOperationException($"The digest of entry {entry} is known.");
        Write(entry, digest, recipe);
        foreach (var like in _likes)
        {
            if (FirstOf(like) == entry)
                Write(like, digest, recipe);
        }
        _left--;
    }

    private bool IsLike(int entry, int first) => first < entry && IsBlank(first)
        && Entries[first].Size == Entries[entry].Size && Entries[first].Recipe.IsEmpty == Entries[entry].Recipe.IsEmpty;

    private void Write(int entry, Digest digest, Digest recipe)
    {
        digest.CopyTo(Entries.Slice(entry, Entry.DigestFieldNumber, _payload));
        if (!Entries[entry].Recipe.IsEmpty)
            recipe.CopyTo(Entries.Slice(entry, Entry.RecipeFieldNumber, _payload));
    }
}
