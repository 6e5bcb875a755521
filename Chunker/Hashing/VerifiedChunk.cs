namespace ChunkOta.Chunking;

/// <summary>A chunk's plain bytes with the digest that was computed from them in this process.</summary>
/// <remarks>
/// The only way to make one is to hash the bytes, so code that accepts a <see cref="VerifiedChunk"/> need not check
/// them. It owns nothing: the caller says how long the bytes are valid, and they must not change in that time. A
/// <c>default</c> value throws on use.
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

    /// <summary>The chunk's bytes, not compressed; valid as long as the memory given to <see cref="Of"/>.</summary>
    /// <exception cref="InvalidOperationException">This is a <c>default</c> value.</exception>
    public ReadOnlyMemory<byte> Plain => _hash.IsZero ? throw Unmade() : _plain;

    /// <summary>The number of plain bytes.</summary>
    /// <exception cref="InvalidOperationException">This is a <c>default</c> value.</exception>
    public int Length => Plain.Length;

    /// <summary>This chunk as a recipe refers to it.</summary>
    /// <exception cref="InvalidOperationException">This is a <c>default</c> value.</exception>
    public ChunkRef Ref => new(Hash, _plain.Length);

    /// <summary>Hashes plain bytes and keeps them with their digest.</summary>
    /// <param name="plain">The chunk's bytes, not compressed; kept, not copied.</param>
    public static VerifiedChunk Of(ReadOnlyMemory<byte> plain) => new(Digest.Of(plain.Span), plain);

    private static InvalidOperationException Unmade() =>
        new($"A default {nameof(VerifiedChunk)} holds no chunk: make one by {nameof(Of)}.");
}
