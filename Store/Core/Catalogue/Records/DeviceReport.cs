using ChunkOta.Chunking;

namespace ChunkOta.Storage;

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

    /// <summary>The part to look at after a failure: a value of the protocol's FailureCause; 0 when not said.</summary>
    public int Cause { get; init; }

    /// <summary>The stage that failed: a value of the protocol's UpdateStage; 0 when not said.</summary>
    public int FailedStage { get; init; }

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
