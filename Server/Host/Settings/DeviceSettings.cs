namespace ChunkOta.Server;

/// <summary>How devices are dealt with.</summary>
internal sealed record DeviceSettings
{
    /// <summary>Seconds after which a polling agent is asked to come again.</summary>
    public int PollSeconds { get; init; } = 300;

    /// <summary>Nonces of device calls that are remembered; when they are more, calls wait out the window.</summary>
    public int NoncesRemembered { get; init; } = 500_000;

    public IEnumerable<string> FindFaults() =>
    [
        .. Range.FindFault("Devices:PollSeconds", PollSeconds, 1, 30 * 24 * 3600),
        .. Range.FindFault("Devices:NoncesRemembered", NoncesRemembered, 1000, 100_000_000),
    ];
}
