namespace ChunkOta.Protos;

/// <summary>Ed25519 signatures (RFC 8032) as server, publisher and agent verify them.</summary>
public static class Ed25519
{
    /// <summary>Length in bytes of a seed, the secret half of a key.</summary>
    public const int SeedBytes = 32;

    /// <summary>Length in bytes of a public key.</summary>
    public const int PublicKeyBytes = 32;

    /// <summary>Length in bytes of a signature.</summary>
    public const int SignatureBytes = 64;

    /// <summary>The library of this program: linked into a static one, else NSec's.</summary>
    internal static IEd25519 Library { get; } =
        LibsodiumEd25519.IsLinked ? new LibsodiumEd25519() : new NSecEd25519();

    /// <summary>Verifies that the key's owner signed exactly this message.</summary>
    /// <remarks>
    /// Strict, so that a signature has one spelling: S at or above the group's order, and a small-order or
    /// non-canonical public key or R, are refused.
    /// </remarks>
    /// <param name="publicKey">32 bytes; a key of any other length verifies nothing.</param>
    /// <param name="message">Any number of bytes.</param>
    /// <param name="signature">64 bytes; a signature of any other length is refused.</param>
    /// <exception cref="ChunkOtaException">SYSTEM_LIBRARY_MISSING: libsodium cannot be loaded.</exception>
    public static bool Verify(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        publicKey.Length == PublicKeyBytes && signature.Length == SignatureBytes
        && Library.Verify(publicKey, message, signature);
}
