namespace ChunkOta.Protos;

/// <summary>Ed25519 signatures (RFC 8032) as everyone here checks them.</summary>
public static class Ed25519
{
    /// <summary>Length in bytes of a seed, the secret half of a key.</summary>
    public const int SeedBytes = 32;

    /// <summary>Length in bytes of a public key.</summary>
    public const int PublicKeyBytes = 32;

    /// <summary>Length in bytes of a signature.</summary>
    public const int SignatureBytes = 64;

    /// <summary>Whether the key's owner signed exactly this message.</summary>
    /// <remarks>
    /// Strict, so that a signature has one spelling: S at or above the group's order, a small-order or non-canonical
    /// public key or R are refused.
    /// </remarks>
    /// <param name="publicKey">32 bytes; any other length is no key, and the answer is false.</param>
    /// <param name="message">Any number of bytes.</param>
    /// <param name="signature">64 bytes; any other length is no signature, and the answer is false.</param>
    /// <exception cref="ChunkOtaException">SYSTEM_LIBRARY_MISSING: libsodium is not installed.</exception>
    public static bool Verify(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        publicKey.Length == PublicKeyBytes && signature.Length == SignatureBytes
        && Sodium.Verify(signature, message, publicKey);
}
