using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Computes the name of a recipe, pack or delta from its bytes, in pieces.</summary>
/// <remarks>A recipe of an isolated product ends with the mask of its domain; its length tells.</remarks>
/// <param name="kind">The kind of the object; not one that is named by a payload.</param>
/// <param name="length">The length of the object.</param>
internal sealed class ObjectHasher(ObjectKind kind, long length)
{
    private readonly Blake3Hasher _hasher = new();
    private readonly byte[] _mask = new byte[Digest.Size];
    private readonly long _contentBytes = HasMask(kind, length) ? length - Digest.Size : length;
    private long _position;

    /// <summary>The domain that the object ends with; the shared one for others. Known after
    /// <see cref="Finish"/>.</summary>
    public DedupDomain Domain { get; private set; } = DedupDomain.Shared;

    /// <summary>The name of an object that is in memory.</summary>
    public static Digest NameOf(ObjectKind kind, ReadOnlySpan<byte> content)
    {
        var hasher = new ObjectHasher(kind, content.Length);
        hasher.Append(content);
        return hasher.Finish();
    }

    /// <summary>Adds the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        var content = piece[..(int)Math.Clamp(_contentBytes - _position, 0, piece.Length)];
        _hasher.Append(content);
        var mask = piece[content.Length..];
        mask.CopyTo(_mask.AsSpan((int)Math.Max(0, _position - _contentBytes)));
        _position += piece.Length;
    }

    /// <summary>The name that all bytes make; zero, which names nothing, for a recipe that ends with a mask of
    /// zeros.</summary>
    public Digest Finish()
    {
        Domain = DedupDomain.OfMask(Digest.FromBytes(_mask));
        return Domain.IsShared && _contentBytes < length ? default : Domain.NameOf(_hasher.Finish());
    }

    private static bool HasMask(ObjectKind kind, long length) =>
        kind == ObjectKind.Recipe && length % Recipe.BytesPerChunk == Digest.Size;
}
