using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Making, listing and ending tokens. The catalogue keeps a digest of each secret, never the secret.</summary>
internal sealed partial class TokenOperations(
    IIdentityCatalogue identities, ServerCertificate? certificate, TimeProvider clock, ILogger<TokenOperations> log)
{
    private const int MaxLabelCharacters = 128;
    private const int MaxTokens = 4000;

    public async Task<CreateTokenResponse> CreateAsync(
        Caller caller, CreateTokenRequest request, CancellationToken cancellationToken)
    {
        caller.DemandAdmin();
        CheckRequest(request);
        var (text, id, secret) = request.Role == TokenRole.Install
            ? await MakeInstallTokenAsync(request.Product, cancellationToken)
            : MakeAccessToken();

        await identities.AddTokenAsync(
            new TokenRecord
            {
                Id = id,
                SecretDigest = secret,
                Role = (AccessRole)request.Role,
                Product = NullIfEmpty(request.Product),
                Channel = NullIfEmpty(request.Channel),
                Created = clock.GetUtcNow(),
                Expires = request.ExpiresUnixSeconds == 0
                    ? null
                    : DateTimeOffset.FromUnixTimeSeconds(request.ExpiresUnixSeconds),
                Uses = checked((int)request.Uses),
                Label = OneLine.Of(request.Label),
            },
            cancellationToken);
        LogCreated(id, request.Role, request.Product, caller.Id);
        return new CreateTokenResponse { Token = text, TokenId = id };
    }

    public async Task<ListTokensResponse> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        caller.DemandAdmin();
        var tokens = await identities.ListTokensAsync(cancellationToken);
        return new ListTokensResponse { Tokens = { tokens.TakeLast(MaxTokens).Select(token => token.ToMessage()) } };
    }

    public async Task<RevokeTokenResponse> RevokeAsync(
        Caller caller, RevokeTokenRequest request, CancellationToken cancellationToken)
    {
        caller.DemandAdmin();
        await identities.RevokeTokenAsync(request.TokenId, cancellationToken);
        LogRevoked(OneLine.Of(request.TokenId), caller.Id);
        return new RevokeTokenResponse();
    }

    private void CheckRequest(CreateTokenRequest request)
    {
        var fault = request switch
        {
            { Role: not (TokenRole.Install or TokenRole.Reader or TokenRole.Publisher or TokenRole.Admin) } =>
                "a token needs a role: install, reader, publisher or admin",
            { Role: TokenRole.Install or TokenRole.Publisher, Product: "" } =>
                $"{request.Role} tokens are for one product: name it",
            { Role: TokenRole.Admin, Product: not "" } => "an admin token is for all products: name none",
            { Role: TokenRole.Install, Channel: "" } => "an install token is for one channel: name it",
            { Role: not TokenRole.Install, Channel: not "" } => "only install tokens have a channel",
            { Role: not TokenRole.Install, Uses: not 0 } => "only install tokens have a number of uses",
            { Uses: > int.MaxValue } => "too many uses",
            { Label.Length: > MaxLabelCharacters } => $"a label has at most {MaxLabelCharacters} characters",
            { ExpiresUnixSeconds: not 0 } when request.ExpiresUnixSeconds <= clock.GetUtcNow().ToUnixTimeSeconds()
                || request.ExpiresUnixSeconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds() =>
                    "the token would have expired already, or lives too long",
            _ => null,
        };
        if (fault is not null) throw new ChunkOtaException(ErrorCodes.Usage, fault);
        if (request.Channel.Length != 0) Names.CheckChannel(request.Channel);
    }

    /// <summary>An install token carries what devices pin: the product's first trust root and, if
    /// it is our own, the TLS key.</summary>
    private async Task<(string Text, string Id, Digest Secret)> MakeInstallTokenAsync(
        string product, CancellationToken cancellationToken)
    {
        var record = await identities.FindProductAsync(product, cancellationToken)
            ?? throw new ChunkOtaException(ErrorCodes.ProductUnknown, $"There is no product {OneLine.Of(product)}");
        var pin = certificate is { IsSelfSigned: true } ? certificate.SpkiSha256 : [];
        var token = InstallToken.Generate(record.FirstRoot, pin, minimumCounter: 0);
        return (token.ToString(), token.IdText, Digest.Of(token.Secret.Span));
    }

    private static (string Text, string Id, Digest Secret) MakeAccessToken()
    {
        var token = AccessToken.Generate();
        return (token.ToString(), token.IdText, Digest.Of(token.Secret.Span));
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    [LoggerMessage(4040, LogLevel.Information, "Token {Token} made: {Role} {Product}, by {Caller}")]
    private partial void LogCreated(string token, TokenRole role, string product, string caller);

    [LoggerMessage(4041, LogLevel.Information, "Token {Token} revoked by {Caller}")]
    private partial void LogRevoked(string token, string caller);
}
