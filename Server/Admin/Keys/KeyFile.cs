using System.Text.Json;
using System.Text.Json.Serialization;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>The secret key of one role, in a file that its owner alone may read.</summary>
/// <param name="Type">Always <c>ed25519</c>.</param>
/// <param name="Role"><c>root</c>, <c>release</c> or <c>channel</c>.</param>
/// <param name="Public">32 bytes in lower-case hex.</param>
/// <param name="Secret">The seed, 32 bytes in lower-case hex.</param>
internal sealed record KeyFile(string Type, string Role, string Public, string Secret)
{
    private const string Ed25519Type = "ed25519";
    private const int MaxBytes = 4096;
    private const int GroupAndOthers = 0b000_111_111;

    /// <summary>The path of a role's key file: <c>release.key</c>.</summary>
    public static string PathOf(string directory, string role) => Path.Combine(directory, $"{role}.key");

    /// <summary>Writes a new key, mode 0600 from the first byte on.</summary>
    public static void Write(string directory, string role, SigningKey key)
    {
        var file = new KeyFile(
            Ed25519Type, role, Convert.ToHexStringLower(key.PublicKey.Span), Convert.ToHexStringLower(key.Seed));
        AtomicFile.Replace(
            PathOf(directory, role), JsonSerializer.SerializeToUtf8Bytes(
                file, KeyFileJson.Default.KeyFile), Permissions.Private);
    }

    /// <summary>Reads a role's key.</summary>
    /// <exception cref="ChunkOtaException">
    /// <c>KEY_EXPOSED</c>: others than the owner may read the file. <c>KEY_INVALID</c>: there is none, or it is not
    /// that.
    /// </exception>
    public static SigningKey Read(string directory, string role)
    {
        // Secrets are often mounted as links; what counts is the file itself.
        var named = new FileInfo(PathOf(directory, role));
        var path = named.LinkTarget is null
            ? named.FullName
            : named.ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        using var file = path is null ? null : DurableFile.TryOpenRead(path);
        if (file is null)
            throw new ChunkOtaException(ErrorCodes.KeyInvalid, $"there is no {role} key at '{named.FullName}'");
        if ((file.Facts.Mode & GroupAndOthers) != 0)
        {
            throw new ChunkOtaException(ErrorCodes.KeyExposed,
                $"others than its owner may read '{path}': chmod 600 it, and think about who may have read it");
        }

        Span<byte> bytes = stackalloc byte[MaxBytes];
        return Parse(bytes[..file.ReadAt(0, bytes)], role, named.FullName);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Role} key {Public}";

    private static SigningKey Parse(ReadOnlySpan<byte> json, string role, string path)
    {
        SigningKey? key = null;
        try
        {
            var file = JsonSerializer.Deserialize(json, KeyFileJson.Default.KeyFile);
            if (file is { Type: Ed25519Type, Secret: { } secret, Public: { } publicKey } && file.Role == role)
            {
                key = SigningKey.FromSeed(Convert.FromHexString(secret));
                if (key.PublicKey.Span.SequenceEqual(Convert.FromHexString(publicKey)))
                    return key;
            }
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            // Said below, without the text of the failure: it may quote the secret.
            key = null;
        }

        key?.Dispose();
        throw new ChunkOtaException(
            ErrorCodes.KeyInvalid, $"'{path}' is not a {role} key as 'ota-admin keys init' writes it");
    }
}

/// <summary>The JSON of key files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = 16,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyFile))]
internal sealed partial class KeyFileJson : JsonSerializerContext;
