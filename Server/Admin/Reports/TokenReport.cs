namespace ChunkOta.Admin;

/// <summary>The answer of <c>tokens create --json</c>.</summary>
/// <param name="Token">The token; absent if it was written to a file.</param>
/// <param name="TokenId">Its id, by which it is listed and revoked.</param>
/// <param name="Role"><c>install</c>, <c>publisher</c>, <c>reader</c> or <c>admin</c>.</param>
/// <param name="File">The file that it was written to; absent without <c>--out</c>.</param>
internal sealed record TokenReport(string? Token, string TokenId, string Role, string? File = null);

/// <summary>The answer of <c>tokens revoke --json</c>.</summary>
/// <param name="TokenId">The id of the token.</param>
/// <param name="RemovedDevices">The devices that were cut off with it.</param>
internal sealed record RevokedToken(string TokenId, ulong RemovedDevices);

/// <summary>The answer of <c>tokens list --json</c>.</summary>
/// <param name="Tokens">All tokens.</param>
internal sealed record TokenList(IReadOnlyList<TokenLine> Tokens);

/// <summary>A token, without its secret.</summary>
internal sealed record TokenLine
{
    /// <summary>Its id, by which it is revoked.</summary>
    public required string TokenId { get; init; }

    /// <summary><c>install</c>, <c>publisher</c>, <c>reader</c> or <c>admin</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The product that it is for; absent for all.</summary>
    public required string? Product { get; init; }

    /// <summary>The channel that its devices follow; absent for other roles.</summary>
    public required string? Channel { get; init; }

    /// <summary>When it was made.</summary>
    public required long CreatedUnixSeconds { get; init; }

    /// <summary>When it ends; absent if never.</summary>
    public required long? ExpiresUnixSeconds { get; init; }

    /// <summary>The number of devices that it may enrol; 0 for any number.</summary>
    public required uint Uses { get; init; }

    /// <summary>The number of devices that it has enrolled.</summary>
    public required uint Used { get; init; }

    /// <summary>It was revoked.</summary>
    public required bool IsRevoked { get; init; }

    /// <summary>The text of <c>--label</c>; absent if none was given.</summary>
    public required string? Label { get; init; }
}
