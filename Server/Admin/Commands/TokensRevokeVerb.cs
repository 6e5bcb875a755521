using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>tokens revoke</c>: ends a token at once.</summary>
internal sealed class TokensRevokeVerb : AdminVerb
{
    private readonly Argument<string> _id = new("ID") { Description = "As 'tokens list' shows it." };

    public TokensRevokeVerb(AdminContext context) : base(context, "revoke",
        "Ends a token: the next call that bears it is refused. Devices that it enrolled stay enrolled.",
        "ota-admin tokens revoke 5d1f0c2ab97e44108f30c6e1") => Add(_id);

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var id = parsed.GetRequiredValue(_id);
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        await session.Administration.RevokeTokenAsync(
            new RevokeTokenRequest { TokenId = id }, cancellationToken: cancellationToken);
        if (IsJson(parsed))
            Terminal.WriteJson(new RevokedToken(id), AdminJson.Default.RevokedToken);
        else
            Terminal.WriteLine($"revoked {id}");
    }
}
