namespace ChunkOta.Admin;

/// <summary>The result of a publish: the answer of <c>publish --json</c>.</summary>
internal sealed record PublishReport
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>The version's build metadata, as it is published; absent if it has none.</summary>
    public required string? Build { get; init; }

    /// <summary>The platform, such as <c>linux-x64</c>, or <c>any</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel; it names the release unless <c>held</c> or <c>dry_run</c>.</summary>
    public required string Channel { get; init; }

    /// <summary>Nothing was published.</summary>
    public required bool DryRun { get; init; }

    /// <summary>The number of the release within its product and platform.</summary>
    public required ulong Counter { get; init; }

    /// <summary>The digest of its manifest.</summary>
    public required string ManifestDigest { get; init; }

    /// <summary>The files of the release.</summary>
    public required long Files { get; init; }

    /// <summary>Entries that <c>--exclude</c> and <c>.otaignore</c> left out; a directory counts once.</summary>
    public required long Excluded { get; init; }

    /// <summary>The sum of the files' lengths.</summary>
    public required long LogicalBytes { get; init; }

    /// <summary>Chunks of the release, counted wherever they stand; 0 after a dry run.</summary>
    public required ulong Chunks { get; init; }

    /// <summary>Chunks of the release, each counted once; 0 after a dry run.</summary>
    public required ulong DistinctChunks { get; init; }

    /// <summary>Chunks that this publish brought, or would bring.</summary>
    public required ulong NewChunks { get; init; }

    /// <summary>The plain bytes of the new chunks.</summary>
    public required ulong NewPlainBytes { get; init; }

    /// <summary>Plain bytes of distinct chunks that the store had.</summary>
    public required ulong ReusedPlainBytes { get; init; }

    /// <summary>The size of the new chunks, compressed.</summary>
    public required ulong NewStoredBytes { get; init; }

    /// <summary>The release was there already.</summary>
    public required bool AlreadyPublished { get; init; }

    /// <summary>The release is stored and the channel was not moved to it.</summary>
    public required bool Held { get; init; }

    /// <summary>The deltas that were waited for; only with <c>--wait-deltas</c>.</summary>
    public WaitedDeltas? Deltas { get; init; }

    /// <summary>The cost for the fleet; only with <c>--fail-if</c>.</summary>
    public ForecastReport? Forecast { get; init; }

    /// <summary>Documents that are due, and a clock that is wrong.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>All bytes that were sent.</summary>
    public long WireBytesUp { get; init; }

    /// <summary>All bytes that were received.</summary>
    public long WireBytesDown { get; init; }

    /// <summary>The duration of each part.</summary>
    public required PublishSeconds Seconds { get; init; }

    /// <summary>The processor time of the command.</summary>
    public double CpuSeconds { get; init; }

    /// <summary>The most memory that the command had.</summary>
    public long PeakRssBytes { get; init; }
}

/// <summary>The seconds that the parts of a publish took.</summary>
/// <param name="Scan">Reading names, hashing, asking and cutting.</param>
/// <param name="Upload">Compressing and sending chunks and recipes.</param>
/// <param name="Commit">Signing and committing.</param>
/// <param name="Total">All, but for the start of the process.</param>
internal sealed record PublishSeconds(double Scan, double Upload, double Commit, double Total);
