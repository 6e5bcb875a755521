using NSec.Cryptography;

namespace ChunkOta.Protos;

/// <summary>Ed25519 by NSec, which brings the libsodium it was made for.</summary>
/// <remarks>Trimmed out of static programs, where NSec refuses the libsodium that is linked in.</remarks>
internal sealed class NSecEd25519 : IEd25519
{
    private static readonly Lazy<NSec.Cryptography.Ed25519> Algorithm = new(Load);

    public void DerivePublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        using var key = Import(seed);
        key.PublicKey.Export(KeyBlobFormat.RawPublicKey).CopyTo(publicKey);
    }

    public void Sign(
        ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        using var key = Import(seed);
        Algorithm.Value.Sign(key, message, signature);
    }

    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        PublicKey.TryImport(Algorithm.Value, publicKey, KeyBlobFormat.RawPublicKey, out var key)
        && Algorithm.Value.Verify(key!, message, signature);

    private static Key Import(ReadOnlySpan<byte> seed) =>
        Key.Import(Algorithm.Value, seed, KeyBlobFormat.RawPrivateKey);

    /// <summary>Loads libsodium; NSec checks that it is the version it expects.</summary>
    private static NSec.Cryptography.Ed25519 Load()
    {
        try
        {
            return SignatureAlgorithm.Ed25519;
        }
        catch (Exception failure) when (CauseOf(failure)
            is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException
            or InvalidOperationException or PlatformNotSupportedException)
        {
            throw new ChunkOtaException(
                ErrorCodes.SystemLibraryMissing,
                "libsodium cannot be loaded, so nothing can be signed or verified: reinstall this program, which "
                + "brings "
                + $"its own ({CauseOf(failure).Message})",
                failure);
        }
    }

    /// <summary>The failure inside a type initializer.</summary>
    private static Exception CauseOf(Exception failure) =>
        failure is TypeInitializationException { InnerException: { } cause } ? CauseOf(cause) : failure;
}
