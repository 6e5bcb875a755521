namespace ChunkOta.Admin;

/// <summary>The answer of <c>tokens create --json</c>.</summary>
internal sealed record TokenReport(string Token, string TokenId, string Role);

/// <summary>The answer of <c>tokens revoke --json</c>.</summary>
internal sealed record RevokedToken(string TokenId);

/// <summary>The answer of <c>tokens list --json</c>.</summary>
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
