using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Limits of connections, requests and documents.</summary>
internal sealed record LimitSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Limits));

    /// <summary>Open connections at once, on each port.</summary>
    public int Connections { get; init; } = 20_000;

    /// <summary>Time limit for request headers and the TLS handshake, seconds.</summary>
    public int HeadersTimeoutSeconds { get; init; } = 15;

    /// <summary>The largest payload of a manifest, bytes.</summary>
    public int ManifestBytes { get; init; } = ManifestLimits.Default.MaxPayloadBytes;

    /// <summary>The most entries of a manifest.</summary>
    public int ManifestEntries { get; init; } = ManifestLimits.Default.MaxEntries;

    /// <summary>The largest total size of a release's files, bytes.</summary>
    public long ReleaseBytes { get; init; } = StoreOptions.Default.MaxReleaseBytes;

    /// <summary>Calls a second of one caller; ten times as many at once after a pause.</summary>
    public int CallsPerSecond { get; init; } = 1000;

    /// <summary>Time that calls in progress get when the server stops, seconds.</summary>
    public int StopTimeoutSeconds { get; init; } = 20;

    public IEnumerable<string> FindFaults() =>
    [
        .. Section.CheckRange(Connections, 1, 1_000_000),
        .. Section.CheckRange(HeadersTimeoutSeconds, 1, 300),
        .. Section.CheckRange(ManifestBytes, 1024, 256 * 1024 * 1024),
        .. Section.CheckRange(ManifestEntries, 1, 1_000_000),
        .. Section.CheckRange(ReleaseBytes, 1, 1L << 50),
        .. Section.CheckRange(CallsPerSecond, 1, 1_000_000),
        .. Section.CheckRange(StopTimeoutSeconds, 0, 600),
    ];
}
