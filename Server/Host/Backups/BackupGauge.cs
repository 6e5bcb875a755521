using System.Diagnostics.Metrics;

namespace ChunkOta.Server;

/// <summary>Shows whether the server's own backups succeed.</summary>
internal sealed class BackupGauge
{
    private volatile object? _hasFailed;

    /// <summary>Creates the instrument.</summary>
    /// <param name="meter">The server's meter.</param>
    public BackupGauge(Meter meter) => meter.CreateObservableGauge<int>(
        "chunkota.backup.failed",
        () => _hasFailed is bool hasFailed ? [new(hasFailed ? 1 : 0)] : Array.Empty<Measurement<int>>(),
        null,
        "1 when the last backup that Backup:EveryHours began failed, or old ones could not be removed, else 0.");

    /// <summary>Notes the end of a backup, and of the removal of old ones.</summary>
    public void Show(bool hasFailed) => _hasFailed = hasFailed;
}
