namespace ChunkOta.Storage;

/// <summary>An enrolled device.</summary>
public sealed record DeviceRecord
{
    /// <summary>Its name, 32 lower-case hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>The product that it reads.</summary>
    public required string Product { get; init; }

    /// <summary>The channel that it follows.</summary>
    public required string Channel { get; init; }

    /// <summary>The platform that it claimed when it enrolled.</summary>
    public required string Platform { get; init; }

    /// <summary>Its Ed25519 key, 32 bytes.</summary>
    public required ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>The install token that enrolled it.</summary>
    public required string TokenId { get; init; }

    /// <summary>The time of its enrolment.</summary>
    public required DateTimeOffset Enrolled { get; init; }
}

/// <summary>A device's request to be enrolled, with its signature and the token's secret checked.</summary>
/// <param name="TokenId">The install token.</param>
/// <param name="PublicKey">The device's Ed25519 key, 32 bytes.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="AgentVersion">Its agent's version, for people.</param>
public sealed record Enrolment(string TokenId, ReadOnlyMemory<byte> PublicKey, string Platform, string AgentVersion);
