using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ChunkOta.Protos;

/// <summary>Ed25519 by the libsodium that a static program is linked with.</summary>
internal sealed partial class LibsodiumEd25519 : IEd25519
{
    private const string Library = "libsodium";

    private static readonly bool IsReady = sodium_init() >= 0;

    /// <summary>True when this program is linked with libsodium; fixed when it is built.</summary>
    [FeatureSwitchDefinition("ChunkOta.Protos.LinkedSodium")]
    internal static bool IsLinked =>
        AppContext.TryGetSwitch("ChunkOta.Protos.LinkedSodium", out var isLinked) && isLinked;

    public void DerivePublicKey(ReadOnlySpan<byte> seed, Span<byte> publicKey)
    {
        ThrowIfNotReady();
        Span<byte> secretKey = stackalloc byte[Ed25519.SeedBytes + Ed25519.PublicKeyBytes];
        var result = crypto_sign_seed_keypair(publicKey, secretKey, seed);
        CryptographicOperations.ZeroMemory(secretKey);
        ThrowIfFailed(result, "make a key pair");
    }

    public void Sign(
        ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        ThrowIfNotReady();
        // libsodium's secret key is the seed and the public key.
        Span<byte> secretKey = stackalloc byte[Ed25519.SeedBytes + Ed25519.PublicKeyBytes];
        seed.CopyTo(secretKey);
        publicKey.CopyTo(secretKey[Ed25519.SeedBytes..]);
        var result = crypto_sign_detached(signature, out _, message, (ulong)message.Length, secretKey);
        CryptographicOperations.ZeroMemory(secretKey);
        ThrowIfFailed(result, "sign");
    }

    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        ThrowIfNotReady();
        return crypto_sign_verify_detached(signature, message, (ulong)message.Length, publicKey) == 0;
    }

    private static void ThrowIfNotReady()
    {
        if (!IsReady)
            throw new ChunkOtaException(
                ErrorCodes.Internal, "libsodium did not start: it found no source of random bytes");
    }

    private static void ThrowIfFailed(int result, string what)
    {
        if (result != 0)
            throw new ChunkOtaException(ErrorCodes.Internal, $"libsodium failed to {what}");
    }

    [LibraryImport(Library)]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    private static partial int crypto_sign_seed_keypair(
        Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    private static partial int crypto_sign_detached(
        Span<byte> signature, out ulong signatureBytes, ReadOnlySpan<byte> message, ulong messageBytes,
        ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    private static partial int crypto_sign_verify_detached(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ulong messageBytes, ReadOnlySpan<byte> publicKey);
}
