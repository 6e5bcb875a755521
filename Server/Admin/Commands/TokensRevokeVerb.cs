using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>tokens revoke</c>: ends a token at once.</summary>
internal sealed class TokensRevokeVerb : AdminVerb
{
    private readonly Argument<string> _id = new("ID") { Description = "As 'tokens list' shows it." };

    private readonly Option<bool> _withDevices = new("--with-devices")
    {
        Description = "Cut off the devices that it enrolled, too: each needs a new install token.",
    };

    public TokensRevokeVerb(AdminContext context) : base(context, "revoke",
        "Ends a token: the next call that bears it is refused. Devices that it enrolled stay enrolled, unless they are "
        + "cut off.",
        "ota-admin tokens revoke 5d1f0c2ab97e44108f30c6e1",
        "ota-admin tokens revoke 5d1f0c2ab97e44108f30c6e1 --with-devices")
    {
        Add(_id);
        Add(_withDevices);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var id = parsed.GetRequiredValue(_id);
        var isWithDevices = parsed.GetValue(_withDevices);
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var answer = await session.Administration.RevokeTokenAsync(
            new RevokeTokenRequest { TokenId = id, WithDevices = isWithDevices }, cancellationToken: cancellationToken);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new RevokedToken(id, answer.RemovedDevices), AdminJson.Default.RevokedToken);
            return;
        }
        var devices = isWithDevices ? $"; devices cut off: {answer.RemovedDevices}" : "";
        Terminal.WriteLine($"revoked {id}{devices}");
    }
}
