namespace ChunkOta.Storage;

/// <summary>The backups of the catalogue: the one that runs, and the last one that was made.</summary>
/// <remarks>One backup runs at a time, by a lease, whichever server or command makes it: it removes old backups with
/// what they alone need, and must not meet one that relies on the same objects.</remarks>
public interface IBackupCatalogue
{
    /// <summary>The life of a lease that is not renewed.</summary>
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(3);

    /// <summary>Begins a backup; null while another one runs.</summary>
    Task<BackupLease?> BeginAsync(CancellationToken cancellationToken = default);

    /// <summary>Renews the lease of a backup that runs.</summary>
    /// <exception cref="BackupLostException">Another backup has begun.</exception>
    Task RenewAsync(BackupLease lease, CancellationToken cancellationToken = default);

    /// <summary>Ends a backup; nothing happens when its lease was lost.</summary>
    /// <param name="lease">The backup.</param>
    /// <param name="made">The backup that it made; null for none.</param>
    Task EndAsync(BackupLease lease, LastBackup? made, CancellationToken cancellationToken = default);

    /// <summary>The last backup that was made; null before the first.</summary>
    ValueTask<LastBackup?> FindLastAsync(CancellationToken cancellationToken = default);
}

/// <summary>A backup that runs.</summary>
/// <param name="Epoch">Grows with each one.</param>
public readonly record struct BackupLease(long Epoch);

/// <summary>A backup that was made.</summary>
/// <param name="Taken">The moment that it shows.</param>
/// <param name="Place">The path or the address of its store.</param>
public sealed record LastBackup(DateTimeOffset Taken, string Place);

/// <summary>Another backup has begun: this one lost its lease and must stop.</summary>
public sealed class BackupLostException() : ChunkOtaException(
    ErrorCodes.Busy, "the backup lost its lease to another one: run it again when that one has ended");
