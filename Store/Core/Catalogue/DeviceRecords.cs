using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A device's request to be enrolled, with its signature and the token's secret checked.</summary>
/// <param name="TokenId">The install token.</param>
/// <param name="PublicKey">The device's Ed25519 key, 32 bytes.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="AgentVersion">Its agent's version, for people.</param>
public sealed record Enrolment(string TokenId, ReadOnlyMemory<byte> PublicKey, string Platform, string AgentVersion);

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

/// <summary>The last report of a device.</summary>
public sealed record DeviceReport
{
    /// <summary>The device.</summary>
    public required string DeviceId { get; init; }

    /// <summary>The time the server received it.</summary>
    public required DateTimeOffset Received { get; init; }

    /// <summary>The product that it reports on.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel it follows.</summary>
    public required string Channel { get; init; }

    /// <summary>The manifest of the running release; null when none runs.</summary>
    public Digest? Running { get; init; }

    /// <summary>The version of the running release.</summary>
    public string RunningVersion { get; init; } = "";

    /// <summary>A value of the protocol's DeviceState.</summary>
    public required int State { get; init; }

    /// <summary>The manifest that the state refers to; null when it is the running one.</summary>
    public Digest? Target { get; init; }

    /// <summary>The error code of a failure.</summary>
    public string CauseCode { get; init; } = "";

    /// <summary>One line for people about a failure.</summary>
    public string CauseText { get; init; } = "";

    /// <summary>Bytes that the update sent.</summary>
    public ulong WireBytesUp { get; init; }

    /// <summary>Bytes that the update received.</summary>
    public ulong WireBytesDown { get; init; }

    /// <summary>The agent's version.</summary>
    public string AgentVersion { get; init; } = "";
}

/// <summary>A release that devices run.</summary>
/// <param name="Manifest">Its manifest, as the devices report it; the catalogue need not know it.</param>
/// <param name="Devices">The number of devices.</param>
public readonly record struct RunningRelease(Digest Manifest, long Devices);
