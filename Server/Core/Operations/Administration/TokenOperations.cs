using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Creates, lists and revokes tokens. The catalogue keeps a digest of each secret, never the secret.</summary>
/// <param name="identities">Has the tokens.</param>
/// <param name="readTlsPin">Gives the SHA-256 of the TLS key that install tokens pin; empty to rely on the device's own
/// certificate authorities.</param>
/// <param name="clock">Dates tokens.</param>
/// <param name="log">Gets a line for each change.</param>
public sealed partial class TokenOperations(
    IIdentityCatalogue identities, Func<ReadOnlyMemory<byte>> readTlsPin, TimeProvider clock,
    ILogger<TokenOperations> log)
{
    private const int MaxLabelCharacters = 128;

    /// <summary>The latest expiry that is accepted: the last second of the year 9999.</summary>
    private static readonly DateTimeOffset LatestExpiry =
        DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.MaxValue.ToUnixTimeSeconds());

    /// <summary>Creates a token.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, USAGE, PRODUCT_UNKNOWN.</exception>
    public async Task<CreatedToken> CreateAsync(Caller caller, NewToken wanted, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(wanted);
        caller.DemandAdmin();
        Check(wanted);
        var (text, id, secret) = wanted.Role == AccessRole.Install
            ? await MakeInstallTokenAsync(wanted.Product!, cancellationToken)
            : MakeAccessToken();

        await identities.AddTokenAsync(
            new TokenRecord
            {
                Id = id,
                SecretDigest = secret,
                Role = wanted.Role,
                Product = wanted.Product,
                Channel = wanted.Channel,
                Created = clock.GetUtcNow(),
                Expires = wanted.Expires,
                Uses = checked((int)wanted.Uses),
                Label = OneLine.Of(wanted.Label),
            },
            cancellationToken);
        LogCreated(id, wanted.Role, wanted.Product ?? "", caller.Id);
        return new CreatedToken(text, id);
    }

    /// <summary>The tokens of the server, the oldest first.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public async Task<IReadOnlyList<TokenRecord>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        return await identities.ListTokensAsync(cancellationToken);
    }

    /// <summary>Revokes a token: from now on it is refused.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, TOKEN_UNKNOWN, LAST_ADMIN_TOKEN.</exception>
    public async Task RevokeAsync(Caller caller, string tokenId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        await identities.RevokeTokenAsync(tokenId, cancellationToken);
        LogRevoked(OneLine.Of(tokenId), caller.Id);
    }

    private void Check(NewToken wanted)
    {
        var fault = wanted switch
        {
            _ when !Enum.IsDefined(wanted.Role) =>
                "the token needs a role: choose install, reader, publisher or admin",
            { Role: AccessRole.Install or AccessRole.Publisher, Product: null } =>
                $"{Lower(wanted.Role)} tokens are for one product: name it",
            { Role: AccessRole.Admin, Product: not null } => "an admin token is for all products: name none",
            { Role: AccessRole.Install, Channel: null } => "an install token is for one channel: name it",
            { Role: not AccessRole.Install, Channel: not null } => "only install tokens have a channel: name none",
            { Role: not AccessRole.Install, Uses: not 0 } => "only install tokens have a number of uses: give none",
            { Uses: > int.MaxValue } => $"too many uses: {wanted.Uses}: give at most {int.MaxValue}",
            { Label.Length: > MaxLabelCharacters } =>
                $"the label is too long: {wanted.Label.Length} characters: use at most {MaxLabelCharacters}",
            { Expires: { } expires } when expires <= clock.GetUtcNow() || expires > LatestExpiry =>
                $"the expiry is not a time in the future before the year 10000: {expires:u}: choose another",
            _ => null,
        };
        if (fault is not null) throw new ChunkOtaException(ErrorCodes.Usage, fault);
        if (wanted.Channel is { } channel) Names.CheckChannel(channel);
    }

    /// <summary>An install token carries what devices pin: the product's first trust root and, if the certificate is
    /// self-signed, the TLS key.</summary>
    private async Task<(string Text, string Id, Digest Secret)> MakeInstallTokenAsync(
        string product, CancellationToken cancellationToken)
    {
        var record = await identities.GetProductAsync(product, cancellationToken);
        var token = InstallToken.Generate(record.FirstRoot, readTlsPin().Span, minimumCounter: 0);
        return (token.ToString(), token.IdText, Digest.Of(token.Secret.Span));
    }

    private static (string Text, string Id, Digest Secret) MakeAccessToken()
    {
        var token = AccessToken.Generate();
        return (token.ToString(), token.IdText, Digest.Of(token.Secret.Span));
    }

    private static string Lower(AccessRole role) => role.ToString().ToLowerInvariant();

    [LoggerMessage(4040, LogLevel.Information, "Token {Token} created: {Role} {Product}, by {Caller}")]
    private partial void LogCreated(string token, AccessRole role, string product, string caller);

    [LoggerMessage(4041, LogLevel.Information, "Token {Token} revoked by {Caller}")]
    private partial void LogRevoked(string token, string caller);
}
