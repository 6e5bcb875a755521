using System.Security.Cryptography;
using System.Text;

namespace ChunkOta.Admin;

/// <summary>The secret of a key file, encrypted with a passphrase.</summary>
/// <param name="Kdf">Always <c>pbkdf2-sha512</c>.</param>
/// <param name="Iterations">The cost of one guess, 100,000 to 10,000,000.</param>
/// <param name="Salt">16 bytes in lower-case hex.</param>
/// <param name="Cipher">Always <c>aes-256-gcm</c>.</param>
/// <param name="Nonce">12 bytes in lower-case hex.</param>
/// <param name="Data">The encrypted seed and its tag, 48 bytes in lower-case hex.</param>
internal sealed record EncryptedSecret(
    string Kdf, int Iterations, string Salt, string Cipher, string Nonce, string Data);

/// <summary>Encrypts seeds with a passphrase: PBKDF2 with HMAC-SHA-512, then AES-256-GCM (docs/adr/0021).</summary>
internal static class KeyCipher
{
    private const string Kdf = "pbkdf2-sha512";
    private const string Cipher = "aes-256-gcm";
    private const int Iterations = 600_000;
    private const int MinIterations = 100_000;
    private const int MaxIterations = 10_000_000;
    private const int SaltBytes = 16;
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Encrypts a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="passphrase">The passphrase.</param>
    /// <param name="label">The other fields of the file, which cannot be changed then.</param>
    public static EncryptedSecret Encrypt(ReadOnlySpan<byte> seed, string passphrase, string label)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        var data = new byte[seed.Length + TagBytes];
        using var aes = Derive(passphrase, salt, Iterations);
        aes.Encrypt(
            nonce, seed, data.AsSpan(0, seed.Length), data.AsSpan(seed.Length), Encoding.UTF8.GetBytes(label));
        return new EncryptedSecret(
            Kdf, Iterations, Convert.ToHexStringLower(salt), Cipher, Convert.ToHexStringLower(nonce),
            Convert.ToHexStringLower(data));
    }

    /// <summary>Decrypts a seed.</summary>
    /// <param name="secret">As it was read: it may be anything.</param>
    /// <param name="passphrase">The passphrase.</param>
    /// <param name="label">The other fields of the file.</param>
    /// <returns>The seed; null when the passphrase is wrong or the file was changed.</returns>
    /// <exception cref="FormatException">It is not as <see cref="Encrypt"/> makes it.</exception>
    public static byte[]? TryDecrypt(EncryptedSecret secret, string passphrase, string label)
    {
        if (secret.Kdf != Kdf || secret.Cipher != Cipher
            || secret.Iterations is < MinIterations or > MaxIterations)
        {
            throw new FormatException("unknown encryption, or iterations out of bounds");
        }
        var salt = Convert.FromHexString(secret.Salt);
        var nonce = Convert.FromHexString(secret.Nonce);
        var data = Convert.FromHexString(secret.Data);
        if (salt.Length != SaltBytes || nonce.Length != NonceBytes || data.Length <= TagBytes)
            throw new FormatException("a field has the wrong length");
        var seed = new byte[data.Length - TagBytes];
        using var aes = Derive(passphrase, salt, secret.Iterations);
        try
        {
            aes.Decrypt(
                nonce, data.AsSpan(0, seed.Length), data.AsSpan(seed.Length), seed, Encoding.UTF8.GetBytes(label));
            return seed;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static AesGcm Derive(string passphrase, byte[] salt, int iterations)
    {
        var key = Rfc2898DeriveBytes.Pbkdf2(passphrase, salt, iterations, HashAlgorithmName.SHA512, KeyBytes);
        try
        {
            return new AesGcm(key, TagBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}
