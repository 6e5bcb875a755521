namespace ChunkOta.Admin;

/// <summary>What <c>tokens create --json</c> answers.</summary>
internal sealed record TokenReport(string Token, string TokenId, string Role);

/// <summary>What <c>tokens revoke --json</c> answers.</summary>
internal sealed record RevokedToken(string TokenId);

/// <summary>What <c>tokens list --json</c> answers.</summary>
internal sealed record TokenList(IReadOnlyList<TokenLine> Tokens);

/// <summary>A token, without its secret.</summary>
internal sealed record TokenLine
{
    public required string TokenId { get; init; }

    public required string Role { get; init; }

    public required string Product { get; init; }

    public required string Channel { get; init; }

    public required long CreatedUnixSeconds { get; init; }

    public required long ExpiresUnixSeconds { get; init; }

    public required uint Uses { get; init; }

    public required uint Used { get; init; }

    public required bool IsRevoked { get; init; }

    public required string Label { get; init; }
}
