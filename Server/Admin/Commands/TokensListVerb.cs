using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>tokens list</c>: who may do what; never the tokens themselves.</summary>
internal sealed class TokensListVerb(AdminContext context) : AdminVerb(
    context, "list", "Lists the tokens, without their secrets.",
    "ota-admin tokens list")
{
    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var listed = await session.Administration.ListTokensAsync(
            new ListTokensRequest(), cancellationToken: cancellationToken);
        var lines = listed.Tokens.Select(token => new TokenLine
        {
            TokenId = token.TokenId,
            Role = NameOf(token.Role),
            Product = Known.OrNull(token.Product),
            Channel = Known.OrNull(token.Channel),
            CreatedUnixSeconds = token.CreatedUnixSeconds,
            ExpiresUnixSeconds = Known.OrNull(token.ExpiresUnixSeconds),
            Uses = token.Uses,
            Used = token.Used,
            IsRevoked = token.IsRevoked,
            Label = Known.OrNull(token.Label),
        }).ToList();
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new TokenList(lines), AdminJson.Default.TokenList);
            return;
        }

        var table = new TextTable("id", "role", "product", "channel", "expires", "used", "state", "label");
        foreach (var line in lines)
        {
            var uses = line.Uses == 0 ? "any" : line.Uses.ToString(CultureInfo.InvariantCulture);
            table.Add(line.TokenId, line.Role, line.Product ?? "", line.Channel ?? "",
                Printable.Time(line.ExpiresUnixSeconds),
                line.Role == "install" ? $"{line.Used} of {uses}" : "", line.IsRevoked ? "revoked" : "valid",
                line.Label ?? "");
        }

        table.WriteTo(Terminal);
    }

    private static string NameOf(TokenRole role) => role switch
    {
        TokenRole.Install => "install",
        TokenRole.Reader => "reader",
        TokenRole.Publisher => "publisher",
        TokenRole.Admin => "admin",
        _ => "unknown",
    };
}
