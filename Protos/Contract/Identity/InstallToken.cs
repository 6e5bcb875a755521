using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ChunkOta.Chunking;

namespace ChunkOta.Protos;

/// <summary>The token that a device enrols with: who admits it, whom it trusts, and how old a release may be.</summary>
/// <remarks>
/// Text: <c>co1_</c> and base64url of the fields below, 164 characters in all. It carries a secret: whoever has it may
/// enrol devices while it lasts, and a command line is seen by every user of a machine.
/// <code>
/// offset size field
///      0   12 id                  which token it is
///     12   32 secret              what the server checks
///     44   32 root digest         BLAKE3-256 of the payload of the trust root to pin
///     76   32 SPKI digest         SHA-256 of the server's TLS public key (SubjectPublicKeyInfo); zero: system trust
///    108    8 minimum counter     u64le; no release with a lower counter is accepted
///    116    4 CRC-32              u32le, of the 116 bytes before it
/// </code>
/// </remarks>
public sealed class InstallToken : IEquatable<InstallToken>
{
    /// <summary>Length in bytes of an id.</summary>
    public const int IdBytes = 12;

    /// <summary>Length in bytes of a secret.</summary>
    public const int SecretBytes = 32;

    /// <summary>Length in bytes of a SHA-256 digest of a public key.</summary>
    public const int SpkiBytes = 32;

    /// <summary>The first characters of the text.</summary>
    public const string Prefix = "co1_";

    private const int SecretAt = IdBytes;
    private const int RootAt = SecretAt + SecretBytes;
    private const int SpkiAt = RootAt + Digest.Size;
    private const int CounterAt = SpkiAt + SpkiBytes;
    private const int FieldBytes = CounterAt + sizeof(ulong);

    private readonly byte[] _fields;

    private InstallToken(byte[] fields) => _fields = fields;

    /// <summary>Which token it is, 12 bytes; no secret.</summary>
    public ReadOnlyMemory<byte> Id => _fields.AsMemory(0, IdBytes);

    /// <summary>The id in lower-case hex, as lists and revocation name it.</summary>
    public string IdText => Convert.ToHexStringLower(Id.Span);

    /// <summary>The secret that the server checks, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Secret => _fields.AsMemory(SecretAt, SecretBytes);

    /// <summary>Digest of the trust root that the device is to pin.</summary>
    public Digest RootDigest => Digest.FromBytes(_fields.AsSpan(RootAt, Digest.Size));

    /// <summary>
    /// SHA-256 of the server's TLS public key, 32 bytes; all zero when the system's authorities are trusted.
    /// </summary>
    public ReadOnlyMemory<byte> SpkiSha256 => _fields.AsMemory(SpkiAt, SpkiBytes);

    /// <summary>True when the server's TLS key is pinned.</summary>
    public bool PinsServer => SpkiSha256.Span.ContainsAnyExcept((byte)0);

    /// <summary>The lowest release counter that the device may accept; 0 for any.</summary>
    public ulong MinimumCounter => BinaryPrimitives.ReadUInt64LittleEndian(_fields.AsSpan(CounterAt));

    /// <summary>Makes a token with a new id and secret of the system's random bytes.</summary>
    /// <param name="rootDigest">The trust root to pin.</param>
    /// <param name="spkiSha256">The server's TLS public key, 32 bytes, or none for the system's trust.</param>
    /// <param name="minimumCounter">The lowest release counter to accept; 0 for any.</param>
    public static InstallToken Generate(Digest rootDigest, ReadOnlySpan<byte> spkiSha256, ulong minimumCounter) =>
        Of(RandomNumberGenerator.GetBytes(IdBytes), RandomNumberGenerator.GetBytes(SecretBytes),
            rootDigest, spkiSha256, minimumCounter);

    /// <summary>The token of known fields.</summary>
    /// <param name="id">12 bytes.</param>
    /// <param name="secret">32 bytes.</param>
    /// <param name="rootDigest">The trust root to pin.</param>
    /// <param name="spkiSha256">32 bytes, or none for the system's trust.</param>
    /// <param name="minimumCounter">The lowest release counter to accept; 0 for any.</param>
    /// <exception cref="ArgumentException">A field has another length.</exception>
    public static InstallToken Of(
        ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret, Digest rootDigest, ReadOnlySpan<byte> spkiSha256,
        ulong minimumCounter)
    {
        if (id.Length != IdBytes || secret.Length != SecretBytes || spkiSha256.Length is not (0 or SpkiBytes))
            throw new ArgumentException(
                $"A token has an id of {IdBytes}, a secret of {SecretBytes} and a pin of {SpkiBytes} bytes.");
        var fields = new byte[FieldBytes];
        id.CopyTo(fields);
        secret.CopyTo(fields.AsSpan(SecretAt));
        rootDigest.CopyTo(fields.AsSpan(RootAt));
        spkiSha256.CopyTo(fields.AsSpan(SpkiAt));
        BinaryPrimitives.WriteUInt64LittleEndian(fields.AsSpan(CounterAt), minimumCounter);
        return new InstallToken(fields);
    }

    /// <summary>Reads a token.</summary>
    /// <param name="text">What <see cref="ToString"/> gave, without white space around it.</param>
    /// <exception cref="ChunkOtaException">TOKEN_INVALID.</exception>
    public static InstallToken Parse(string text) => TryParse(text, out var token)
        ? token
        : throw new ChunkOtaException(ErrorCodes.TokenInvalid,
            $"not an install token: one begins with {Prefix}; this one was truncated or mistyped");

    /// <summary>Reads a token, if the text is one.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="token">The token, or null.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out InstallToken? token)
    {
        var fields = new byte[FieldBytes];
        token = TokenText.TryRead(Prefix, text, fields) ? new InstallToken(fields) : null;
        return token is not null;
    }

    /// <summary>The whole token as the user passes it on.</summary>
    public override string ToString() => TokenText.Write(Prefix, _fields);

    /// <inheritdoc/>
    public bool Equals(InstallToken? other) =>
        other is not null && CryptographicOperations.FixedTimeEquals(_fields, other._fields);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as InstallToken);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_fields);
}
