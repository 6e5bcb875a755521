using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>tokens list</c>: who may do what; never the tokens themselves.</summary>
internal sealed class TokensList(AdminContext context) : AdminVerb(context, "list", "Lists the tokens, without their secrets.",
    "ota-admin tokens list")
{
    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var listed = await session.Administration.ListTokensAsync(new ListTokensRequest(), cancellationToken: cancellationToken);
        var lines = listed.Tokens.Select(token => new TokenLine(
            token.TokenId, NameOf(token.Role), token.Product, token.Channel, token.CreatedUnixSeconds,
            token.ExpiresUnixSeconds, token.Uses, token.Used, token.IsRevoked, token.Label)).ToList();
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new TokenList(lines), AdminJson.Default.TokenList);
            return;
        }

        var table = new TextTable("id", "role", "product", "channel", "expires", "used", "state", "label");
        foreach (var line in lines)
        {
            var uses = line.Uses == 0 ? "any" : line.Uses.ToString(CultureInfo.InvariantCulture);
            table.Add(line.TokenId, line.Role, line.Product, line.Channel, Printable.Time(line.ExpiresUnixSeconds),
                line.Role == "install" ? $"{line.Used} of {uses}" : "", line.IsRevoked ? "revoked" : "valid", line.Label);
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

/// <summary>What <c>tokens list --json</c> answers.</summary>
internal sealed record TokenList(IReadOnlyList<TokenLine> Tokens);

/// <summary>A token, without its secret.</summary>
internal sealed record TokenLine(string TokenId, string Role, string Product, string Channel, long CreatedUnixSeconds,
    long ExpiresUnixSeconds, uint Uses, uint Used, bool IsRevoked, string Label);
