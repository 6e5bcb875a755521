namespace ChunkOta.Agent;

/// <summary>The last run of a product as it is kept on disk: <c>status</c> shows it without the product's lock.
/// </summary>
/// <remarks>It informs people. What is installed, and what a crash interrupted, is in <see cref="ProductState"/>.
/// </remarks>
internal sealed record RunRecord
{
    /// <summary>The version to be installed; null before it is known.</summary>
    public string? Version { get; init; }

    /// <summary>The stage, or how the run ended.</summary>
    public UpdateStage Stage { get; init; }

    /// <summary>The stage that failed, when the run is blocked or waits.</summary>
    public UpdateStage At { get; init; }

    /// <summary>Bytes of the stage that are done.</summary>
    public long DoneBytes { get; init; }

    /// <summary>Bytes of the stage in all; 0 when not known.</summary>
    public long TotalBytes { get; init; }

    /// <summary>The rate, bytes a second; 0 when not known.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>The cause of the wait or failure, one word; null for none.</summary>
    public string? Cause { get; init; }

    /// <summary>The error code of the failure; null for none.</summary>
    public string? Code { get; init; }

    /// <summary>The failure in one line; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>The moment of this record by the device's clock, Unix seconds.</summary>
    public long ChangedUnixSeconds { get; init; }

    /// <summary>The process that makes the run; null when none does.</summary>
    public RunningProcess? Process { get; init; }
}
