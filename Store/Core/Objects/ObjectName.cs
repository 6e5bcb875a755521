using System.Diagnostics.CodeAnalysis;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The kinds of immutable objects, each a folder of the store.</summary>
public enum ObjectKind
{
    /// <summary>Frames of chunks and a trailer; named by the digest of the whole object.</summary>
    Pack,

    /// <summary>A manifest's serialised envelope; named by the digest of the payload.</summary>
    Manifest,

    /// <summary>The chunk list of one file; named by its digest, in its domain.</summary>
    Recipe,

    /// <summary>A delta from one release to another, named by its digest. A cache: any may be missing.</summary>
    Delta,

    /// <summary>The serialised envelope of a trust root or channel pointer; named by the digest of the payload. A copy:
    /// the catalogue has it, too.</summary>
    Document,

    /// <summary>A copy of a catalogue, named by its digest; in backups alone.</summary>
    Catalogue,

    /// <summary>The record of a backup, named by its digest; in backups alone.</summary>
    Backup,
}

/// <summary>The name of an object: its kind and its digest. Nothing else can be named, so no name leads out of the
/// store.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Digest">The digest it is named by.</param>
public readonly record struct ObjectName(ObjectKind Kind, Digest Digest)
{
    /// <summary>The name of a pack.</summary>
    public static ObjectName Pack(Digest digest) => new(ObjectKind.Pack, digest);

    /// <summary>The name of a manifest.</summary>
    /// <param name="digest">The digest of the payload.</param>
    public static ObjectName Manifest(Digest digest) => new(ObjectKind.Manifest, digest);

    /// <summary>The name of a recipe.</summary>
    /// <param name="digest">Its name in its domain.</param>
    public static ObjectName Recipe(Digest digest) => new(ObjectKind.Recipe, digest);

    /// <summary>The name of a recipe in a domain.</summary>
    /// <param name="domain">The domain of its product.</param>
    /// <param name="recipe">The digest of the recipe.</param>
    public static ObjectName Recipe(DedupDomain domain, Digest recipe)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return Recipe(domain.NameOf(recipe));
    }

    /// <summary>The name of a delta.</summary>
    public static ObjectName Delta(Digest digest) => new(ObjectKind.Delta, digest);

    /// <summary>The name of a trust root or channel pointer.</summary>
    /// <param name="digest">The digest of the payload.</param>
    public static ObjectName Document(Digest digest) => new(ObjectKind.Document, digest);

    /// <summary>The kinds of a server's store; the others are in backups alone.</summary>
    public static IReadOnlyList<ObjectKind> ServerKinds { get; } =
        [ObjectKind.Pack, ObjectKind.Manifest, ObjectKind.Recipe, ObjectKind.Delta, ObjectKind.Document];

    /// <summary>The folder of a kind, such as <c>packs</c>.</summary>
    public static string FolderOf(ObjectKind kind) => kind switch
    {
        ObjectKind.Pack => "packs",
        ObjectKind.Manifest => "manifests",
        ObjectKind.Recipe => "recipes",
        ObjectKind.Delta => "deltas",
        ObjectKind.Document => "documents",
        ObjectKind.Catalogue => "catalogues",
        ObjectKind.Backup => "backups",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind."),
    };

    /// <summary>Reads the form that <see cref="ToString"/> writes; no other spelling is taken.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ObjectName name)
    {
        name = default;
        if (text?.Split('/') is not [var folder, var shard, var hex] || !Digest.TryParse(hex, null, out var digest))
            return false;
        foreach (var kind in Enum.GetValues<ObjectKind>())
        {
            if (folder == FolderOf(kind) && hex.StartsWith(shard, StringComparison.Ordinal) && shard.Length == 2)
                name = new ObjectName(kind, digest);
        }
        return !name.Digest.IsZero;
    }

    /// <summary><c>packs/ab/ab…</c>: folder, first two digits, all 64 digits.</summary>
    public override string ToString()
    {
        var hex = Digest.ToString();
        return $"{FolderOf(Kind)}/{hex[..2]}/{hex}";
    }
}
