using System.Security.Cryptography;

namespace ChunkOta.Protos;

/// <summary>An Ed25519 key that can sign: a publisher's role key or a device's own.</summary>
/// <remarks>Any number of threads may sign at once. Disposing wipes the secret from memory.</remarks>
public sealed class SigningKey : IDisposable
{
    private readonly byte[] _publicKey = new byte[Ed25519.PublicKeyBytes];

    // Pinned, so that the collector leaves no copy behind.
    private readonly byte[] _seed = GC.AllocateUninitializedArray<byte>(Ed25519.SeedBytes, pinned: true);

    private bool _isDisposed;

    private SigningKey(ReadOnlySpan<byte> seed)
    {
        Ed25519.Library.DerivePublicKey(seed, _publicKey);
        seed.CopyTo(_seed);
    }

    /// <summary>The public half, 32 bytes.</summary>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>The secret half, 32 bytes, as a copy that is the caller's to wipe.</summary>
    public byte[] Seed
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return [.. _seed];
        }
    }

    /// <summary>Generates a key from the system's random bytes.</summary>
    /// <exception cref="ChunkOtaException">SYSTEM_LIBRARY_MISSING: libsodium cannot be loaded.</exception>
    public static SigningKey Generate()
    {
        Span<byte> seed = stackalloc byte[Ed25519.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        try
        {
            return new SigningKey(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>The key of a seed; the same seed gives the same key.</summary>
    /// <param name="seed">32 bytes.</param>
    /// <exception cref="ArgumentException">The seed is not 32 bytes.</exception>
    /// <exception cref="ChunkOtaException">SYSTEM_LIBRARY_MISSING: libsodium cannot be loaded.</exception>
    public static SigningKey FromSeed(ReadOnlySpan<byte> seed) => seed.Length == Ed25519.SeedBytes
        ? new SigningKey(seed)
        : throw new ArgumentException($"A seed is {Ed25519.SeedBytes} bytes, not {seed.Length}.", nameof(seed));

    /// <summary>Signs a message. The same key and message give the same 64 bytes.</summary>
    /// <param name="message">Any number of bytes.</param>
    /// <exception cref="ObjectDisposedException">The secret was wiped.</exception>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var signature = new byte[Ed25519.SignatureBytes];
        Ed25519.Library.Sign(_seed, _publicKey, message, signature);
        return signature;
    }

    /// <summary>Wipes the secret.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_seed);
    }
}
