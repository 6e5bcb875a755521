namespace ChunkOta.Protos;

/// <summary>Ed25519 (RFC 8032) by some library. All lengths are right when a method is called.</summary>
/// <remarks>For any number of threads at once.</remarks>
internal interface IEd25519
{
    /// <summary>Derives the public key of a seed.</summary>
    /// <param name="seed">32 bytes.</param>
    /// <param name="publicKey">Receives 32 bytes.</param>
    void DerivePublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey);

    /// <summary>Signs a message; the same key and message give the same signature.</summary>
    /// <param name="seed">32 bytes.</param>
    /// <param name="publicKey">The public key of that seed, 32 bytes.</param>
    /// <param name="message">Any number of bytes.</param>
    /// <param name="signature">Receives 64 bytes.</param>
    void Sign(
        ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, Span<byte> signature);

    /// <summary>Verifies a signature, as strictly as <see cref="Ed25519.Verify"/> promises.</summary>
    /// <param name="publicKey">32 bytes.</param>
    /// <param name="message">Any number of bytes.</param>
    /// <param name="signature">64 bytes.</param>
    bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}
