namespace ChunkOta.Server.Core;

/// <summary>Options of a server's operations.</summary>
public sealed record ServerOptions
{
    /// <summary>Limits of a publish.</summary>
    public required PublishLimits Publishing { get; init; }

    /// <summary>Building and offering deltas.</summary>
    public required DeltaOptions Deltas { get; init; }

    /// <summary>Nonces of device calls that are remembered; beyond them calls are refused as busy.</summary>
    public required int NoncesRemembered { get; init; }

    /// <summary>SHA-256 of the TLS key that install tokens pin; empty to rely on the device's own certificate
    /// authorities.</summary>
    public required ReadOnlyMemory<byte> TlsPin { get; init; }
}
