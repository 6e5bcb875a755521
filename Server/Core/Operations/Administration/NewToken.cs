using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>A token to be created.</summary>
public sealed record NewToken
{
    /// <summary>The permissions of its holders.</summary>
    public required AccessRole Role { get; init; }

    /// <summary>The only product that it is for; null for all.</summary>
    public string? Product { get; init; }

    /// <summary>The channel of an install token; null for others.</summary>
    public string? Channel { get; init; }

    /// <summary>The time from which it is refused; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Devices that an install token enrols; 0 for any number.</summary>
    public long Uses { get; init; }

    /// <summary>A note for people.</summary>
    public string Label { get; init; } = "";
}

/// <summary>A token that was created.</summary>
/// <param name="Text">The token itself; the server does not keep it.</param>
/// <param name="Id">Its public half.</param>
public sealed record CreatedToken(string Text, string Id);
