using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>The key of one role as a file holds it; the secret is plain or encrypted.</summary>
/// <param name="Type">Always <c>ed25519</c>.</param>
/// <param name="Role"><c>root</c>, <c>release</c> or <c>channel</c>.</param>
/// <param name="Public">32 bytes in lower-case hex.</param>
/// <param name="Secret">The seed, 32 bytes in lower-case hex; null when it is encrypted.</param>
/// <param name="Encrypted">The encrypted seed; null when it is plain.</param>
internal sealed record KeyFile(
    string Type, string Role, string Public, string? Secret = null, EncryptedSecret? Encrypted = null)
{
    private const string Ed25519Type = "ed25519";
    private const int MaxBytes = 4096;
    private const int GroupAndOthers = 0b000_111_111;

    /// <summary>True when a passphrase is needed.</summary>
    [JsonIgnore]
    public bool IsEncrypted => Encrypted is not null;

    private string Label => $"chunkota key v1 {Type} {Role} {Public}";

    /// <summary>The file of a key.</summary>
    /// <param name="role">The role.</param>
    /// <param name="key">The key.</param>
    /// <param name="passphrase">The passphrase to encrypt it with; null for none.</param>
    public static KeyFile Of(string role, SigningKey key, string? passphrase)
    {
        var seed = key.Seed;
        try
        {
            var file = new KeyFile(Ed25519Type, role, Convert.ToHexStringLower(key.PublicKey.Span));
            return passphrase is null
                ? file with { Secret = Convert.ToHexStringLower(seed) }
                : file with { Encrypted = KeyCipher.Encrypt(seed, passphrase, file.Label) };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>Writes the file, mode 0600 from the first byte on.</summary>
    public void WriteTo(string path) => AtomicFile.Replace(
        path, JsonSerializer.SerializeToUtf8Bytes(this, KeyFileJson.Default.KeyFile), Permissions.Private);

    /// <summary>Reads a key file; null when there is none.</summary>
    /// <exception cref="ChunkOtaException">
    /// <c>KEY_EXPOSED</c>: others than the owner may read the file. <c>KEY_INVALID</c>: it is not a key file.
    /// </exception>
    public static KeyFile? Find(string named)
    {
        // Secrets are often mounted as links; what counts is the file itself.
        var info = new FileInfo(named);
        var path = info.LinkTarget is null
            ? info.FullName
            : info.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        using var file = path is null ? null : DurableFile.TryOpenRead(path);
        if (file is null)
            return null;
        if ((file.Status.Mode & GroupAndOthers) != 0)
        {
            throw new ChunkOtaException(ErrorCodes.KeyExposed,
                $"others than its owner may read '{path}': chmod 600 it, and think about who may have read it");
        }

        Span<byte> bytes = stackalloc byte[MaxBytes];
        return ReadAll(
            PlainText.Utf8Of(bytes[..file.ReadAt(0, bytes)], info.FullName), $"'{info.FullName}'") is [var only]
            ? only
            : throw NotAKey($"'{info.FullName}'");
    }

    /// <summary>Reads key files that follow one another.</summary>
    /// <param name="json">One or more JSON objects.</param>
    /// <param name="origin">Where they come from, for messages.</param>
    /// <exception cref="ChunkOtaException"><c>KEY_INVALID</c>: it is not that.</exception>
    public static IReadOnlyList<KeyFile> ReadAll(ReadOnlySpan<byte> json, string origin)
    {
        List<KeyFile> files = [];
        try
        {
            var reader = new Utf8JsonReader(
                json, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 16 });
            while (reader.Read())
            {
                if (JsonSerializer.Deserialize(ref reader, KeyFileJson.Default.KeyFile) is not
                    { Type: Ed25519Type, Role: not null, Public: not null } file
                    || file.Secret is null == file.Encrypted is null)
                {
                    throw NotAKey(origin);
                }
                files.Add(file);
            }
        }
        catch (JsonException)
        {
            // Without the text of the failure: it may quote the secret.
            throw NotAKey(origin);
        }
        return files.Count > 0 ? files : throw NotAKey(origin);
    }

    /// <summary>Opens the key.</summary>
    /// <param name="origin">Where the file comes from, for messages.</param>
    /// <param name="passphrase">Asked only when the file is encrypted.</param>
    /// <exception cref="ChunkOtaException"><c>KEY_INVALID</c>; <c>KEY_LOCKED</c>: the passphrase is wrong.</exception>
    public SigningKey Open(string origin, KeyPassphrase passphrase)
    {
        byte[]? seed = null;
        SigningKey? key = null;
        try
        {
            seed = Encrypted is null
                ? Convert.FromHexString(Secret!)
                : KeyCipher.TryDecrypt(Encrypted, passphrase.Get(), Label)
                    ?? throw new ChunkOtaException(
                        ErrorCodes.KeyLocked,
                        $"the passphrase of the {Role} key is wrong: {origin}: nothing was changed");
            key = SigningKey.FromSeed(seed);
            if (key.PublicKey.Span.SequenceEqual(Convert.FromHexString(Public)))
                return key;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Said below, without the text of the failure: it may quote the secret.
            key = null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }

        key?.Dispose();
        throw NotAKey(origin);
    }

    /// <summary>True if a trust root lists the key for its role.</summary>
    /// <param name="root">The root.</param>
    /// <param name="product">A product that the key must be allowed to sign for; null to ask of the role alone.</param>
    public bool IsListedBy(VerifiedRoot root, string? product = null)
    {
        try
        {
            return root.Keys(Role).Contains(Convert.FromHexString(Public), product);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Opens the key with one passphrase; null when it is wrong.</summary>
    public SigningKey? TryOpen(string origin, string passphrase)
    {
        try
        {
            return Open(origin, new KeyPassphrase(() => passphrase));
        }
        catch (ChunkOtaException e) when (e.Code == ErrorCodes.KeyLocked)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Role} key {Public}";

    private static ChunkOtaException NotAKey(string origin) => new(
        ErrorCodes.KeyInvalid, $"{origin} is not a key as 'ota-admin keys init' writes it");
}

/// <summary>The JSON of key files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = 16,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyFile))]
internal sealed partial class KeyFileJson : JsonSerializerContext;
