namespace ChunkOta.Chunking;

/// <summary>A chunk's plain bytes together with the digest that was computed from them, here and now.</summary>
/// <remarks>
/// The only way to get one is to hash the bytes, so whoever takes a <see cref="VerifiedChunk"/> need not ask whether
/// they are what they are called. It owns nothing: the bytes live as long as whoever handed them out says, and must
/// not be changed meanwhile. A <c>default</c> value throws on use.
/// </remarks>
public readonly struct VerifiedChunk
{
    private readonly Digest _hash;
    private readonly ReadOnlyMemory<byte> _plain;

    private VerifiedChunk(Digest hash, ReadOnlyMemory<byte> plain)
    {
        _hash = hash;
        _plain = plain;
    }

    /// <summary>The BLAKE3-256 digest of <see cref="Plain"/>.</summary>
    /// <exception cref="InvalidOperationException">This is a <c>default</c> value.</exception>
    public Digest Hash => _hash.IsZero ? throw Unmade() : _hash;

    /// <summary>The chunk's bytes, not compressed; they live as long as the memory given to <see cref="Of"/>.</summary>
    /// <exception cref="InvalidOperationException">This is a <c>default</c> value.</exception>
    public ReadOnlyMemory<byte> Plain => _hash.IsZero ? throw Unmade() : _plain;

    /// <summary>The number of plain bytes.</summary>
    /// <exception cref="InvalidOperationException">This is a <c>default</c> value.</exception>
    public int Length => Plain.Length;

    /// <summary>How a recipe calls this chunk.</summary>
    /// <exception cref="InvalidOperationException">This is a <c>default</c> value.</exception>
    public ChunkRef Ref => new(Hash, _plain.Length);

    /// <summary>Hashes plain bytes and keeps them with their digest.</summary>
    /// <param name="plain">The chunk's bytes, not compressed; kept, not copied.</param>
    public static VerifiedChunk Of(ReadOnlyMemory<byte> plain) => new(Digest.Of(plain.Span), plain);

    private static InvalidOperationException Unmade() =>
        new($"A default {nameof(VerifiedChunk)} holds no chunk: make one by {nameof(Of)}.");
}
