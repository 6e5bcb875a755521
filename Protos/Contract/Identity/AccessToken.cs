using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ChunkOta.Protos;

/// <summary>A bearer token of a person or a build job: admin, publisher or reader.</summary>
/// <remarks>
/// Text: <c>coa_</c> and base64url of id (12 bytes) ‖ secret (32) ‖ CRC-32 of both (u32le), 68 characters in all.
/// Two are equal when their text is. The text is the secret: it must not reach a log.
/// </remarks>
public sealed class AccessToken : IEquatable<AccessToken>
{
    /// <summary>Length in bytes of an id.</summary>
    public const int IdBytes = 12;

    /// <summary>Length in bytes of a secret.</summary>
    public const int SecretBytes = 32;

    /// <summary>The first characters of the text.</summary>
    public const string Prefix = "coa_";

    private readonly byte[] _fields;

    private AccessToken(byte[] fields) => _fields = fields;

    /// <summary>Which token it is, 12 bytes; no secret.</summary>
    public ReadOnlyMemory<byte> Id => _fields.AsMemory(0, IdBytes);

    /// <summary>The id in lower-case hex, as lists and revocation name it.</summary>
    public string IdText => Convert.ToHexStringLower(Id.Span);

    /// <summary>The secret that its bearer must know, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Secret => _fields.AsMemory(IdBytes, SecretBytes);

    /// <summary>Makes a new token of the system's random bytes.</summary>
    public static AccessToken Generate() => new(RandomNumberGenerator.GetBytes(IdBytes + SecretBytes));

    /// <summary>The token of an id and a secret.</summary>
    /// <param name="id">12 bytes.</param>
    /// <param name="secret">32 bytes.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public static AccessToken Of(ReadOnlySpan<byte> id, ReadOnlySpan<byte> secret) =>
        id.Length == IdBytes && secret.Length == SecretBytes
            ? new AccessToken([.. id, .. secret])
            : throw new ArgumentException($"A token has an id of {IdBytes} and a secret of {SecretBytes} bytes.");

    /// <summary>Reads a token.</summary>
    /// <param name="text">What <see cref="ToString"/> gave, without white space around it.</param>
    /// <exception cref="ChunkOtaException">TOKEN_INVALID.</exception>
    public static AccessToken Parse(string text) => TryParse(text, out var token)
        ? token
        : throw new ChunkOtaException(ErrorCodes.TokenInvalid,
            $"not an access token: one begins with {Prefix}; this one was truncated or mistyped");

    /// <summary>Reads a token, if the text is one.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="token">The token, or null.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out AccessToken? token)
    {
        var fields = new byte[IdBytes + SecretBytes];
        token = TokenText.TryRead(Prefix, text, fields) ? new AccessToken(fields) : null;
        return token is not null;
    }

    /// <summary>The whole token as its bearer passes it on.</summary>
    public override string ToString() => TokenText.Write(Prefix, _fields);

    /// <inheritdoc/>
    public bool Equals(AccessToken? other) =>
        other is not null && CryptographicOperations.FixedTimeEquals(_fields, other._fields);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AccessToken);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_fields);
}
