using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A token as the catalogue stores it: without its secret.</summary>
public sealed record TokenRecord
{
    /// <summary>The public half, as text: at most 64 characters.</summary>
    public required string Id { get; init; }

    /// <summary>The digest of the secret: enough to check a secret, useless to a reader of the catalogue.</summary>
    public required Digest SecretDigest { get; init; }

    /// <summary>Its rights.</summary>
    public required AccessRole Role { get; init; }

    /// <summary>The product it is for; null for all.</summary>
    public string? Product { get; init; }

    /// <summary>Install tokens: the channel that devices follow.</summary>
    public string? Channel { get; init; }

    /// <summary>The time it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The time it expires; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Install tokens: the number of devices it can enrol; 0 for any number.</summary>
    public int Uses { get; init; }

    /// <summary>The number of devices it has enrolled.</summary>
    public int Used { get; init; }

    /// <summary>It was revoked.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>A note for people.</summary>
    public string Label { get; init; } = "";
}

/// <summary>The rights of a token; the numbers are stored.</summary>
public enum AccessRole
{
    /// <summary>Enrol devices for one product and channel.</summary>
    Install = 1,

    /// <summary>Read releases and figures.</summary>
    Reader = 2,

    /// <summary>Publish releases of one product.</summary>
    Publisher = 3,

    /// <summary>Everything.</summary>
    Admin = 4,
}
