namespace ChunkOta.Admin;

/// <summary>The result of a publish: the answer of <c>publish --json</c>.</summary>
internal sealed record PublishReport
{
    public required string Product { get; init; }

    public required string Version { get; init; }

    public required string Platform { get; init; }

    public required string Channel { get; init; }

    /// <summary>Nothing was sent: only looked.</summary>
    public required bool DryRun { get; init; }

    public required ulong Counter { get; init; }

    public required string ManifestDigest { get; init; }

    public required long Files { get; init; }

    /// <summary>The sum of the files' lengths.</summary>
    public required long LogicalBytes { get; init; }

    /// <summary>Chunks of the release, counted wherever they stand; 0 after a dry run.</summary>
    public required ulong Chunks { get; init; }

    public required ulong DistinctChunks { get; init; }

    /// <summary>Chunks that this publish brought, or would bring.</summary>
    public required ulong NewChunks { get; init; }

    public required ulong NewPlainBytes { get; init; }

    /// <summary>Plain bytes of distinct chunks that the store had.</summary>
    public required ulong ReusedPlainBytes { get; init; }

    /// <summary>The size of the new chunks, compressed.</summary>
    public required ulong NewStoredBytes { get; init; }

    public required bool AlreadyPublished { get; init; }

    /// <summary>The cost for the fleet; only with <c>--fail-if</c>.</summary>
    public ForecastReport? Forecast { get; init; }

    public long WireBytesUp { get; init; }

    public long WireBytesDown { get; init; }

    public required PublishSeconds Seconds { get; init; }

    public double CpuSeconds { get; init; }

    public long PeakRssBytes { get; init; }
}

/// <summary>The seconds that the parts of a publish took.</summary>
/// <param name="Scan">Reading names, hashing, asking and cutting.</param>
/// <param name="Upload">Compressing and sending chunks and recipes.</param>
/// <param name="Commit">Signing and committing.</param>
/// <param name="Total">All, but for the start of the process.</param>
internal sealed record PublishSeconds(double Scan, double Upload, double Commit, double Total);
