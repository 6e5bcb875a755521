namespace ChunkOta.Server.Core;

/// <summary>Options of a server's operations.</summary>
public sealed record ServerOptions
{
    /// <summary>Limits of a publish.</summary>
    public required PublishLimits Publishing { get; init; }

    /// <summary>Limits of what one publisher sends.</summary>
    public required UploadLimits Uploads { get; init; }

    /// <summary>Limits of what is sent.</summary>
    public required SendingLimits Sending { get; init; }

    /// <summary>Building and offering deltas.</summary>
    public required DeltaOptions Deltas { get; init; }

    /// <summary>Verifying the store.</summary>
    public required ScrubOptions Scrub { get; init; }

    /// <summary>Time between two collections; zero for none but those that are asked for.</summary>
    public required TimeSpan CollectionInterval { get; init; }

    /// <summary>The time for which a deleted release can come back.</summary>
    public required TimeSpan CollectionGrace { get; init; }

    /// <summary>True to isolate the products that are created from now on.</summary>
    public required bool IsolatesProducts { get; init; }

    /// <summary>Nonces of device calls that are remembered; beyond them calls are refused as busy.</summary>
    public required int NoncesRemembered { get; init; }

    /// <summary>The most devices that listen for moves of channels at once.</summary>
    public required int Listeners { get; init; }

    /// <summary>The authorities that device signatures can name; empty for the one that a call was sent to.</summary>
    public required IReadOnlyList<string> PublicNames { get; init; }

    /// <summary>Gives the SHA-256 of the TLS key that install tokens pin; empty to rely on the device's own
    /// certificate authorities.</summary>
    public required Func<ReadOnlyMemory<byte>> TlsPin { get; init; }

    /// <summary>Is told of outcomes, to count them; null for nobody.</summary>
    public IServerObserver? Observer { get; init; }
}
