using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Makes backups of one server where the settings say, and removes old ones.</summary>
/// <param name="settings">The place of the backups, and how many are kept.</param>
/// <param name="data">The data folder, which another process may hold.</param>
/// <param name="catalogue">The server's.</param>
/// <param name="objects">The server's.</param>
/// <param name="clock">Dates the backups.</param>
internal sealed class BackupMaker(
    BackupSettings settings, DataFolder data, ICatalogue catalogue, IObjectReader objects, TimeProvider clock)
{
    /// <summary>Makes a backup.</summary>
    /// <param name="verifiesAll">Reads what earlier backups copied, too.</param>
    /// <param name="progress">Hears of the objects.</param>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>: another backup runs; <c>CONFIG_INVALID</c>;
    /// <c>STORE_UNAVAILABLE</c>, <c>STORE_FULL</c>.</exception>
    public async Task<BackupOutcome> RunAsync(
        bool verifiesAll, IProgress<ObjectFigures> progress, CancellationToken cancellationToken)
    {
        using var workspace = BackupOpening.OpenWorkspace(data);
        using var target = await BackupOpening.OpenTargetAsync(settings, clock, cancellationToken);
        var outcome = await new BackupRun(
            catalogue, objects, target.Objects, workspace.Path, BackupOpening.OpenCopy, clock)
            .RunAsync(BackupOpening.ReadPrivateFiles(data), verifiesAll, progress, cancellationToken);
        if (settings.Keep > 0)
        {
            _ = await new BackupPruning(target.Objects, workspace.Path, BackupOpening.OpenCopy)
                .RunAsync(settings.Keep, cancellationToken);
        }

        return outcome;
    }

    /// <summary>The moment of the newest backup; null if there is none.</summary>
    /// <exception cref="ChunkOtaException"><c>STORE_UNAVAILABLE</c>, <c>OBJECT_DAMAGED</c>.</exception>
    public async Task<DateTimeOffset?> FindLastAsync(CancellationToken cancellationToken)
    {
        using var source = await BackupOpening.OpenSourceAsync(settings, clock, cancellationToken);
        var backups = (await new BackupStore(source.Objects).ListAsync(cancellationToken)).Backups;
        return backups.Count > 0 ? DateTimeOffset.FromUnixTimeSeconds(backups[0].Record.TakenUnixSeconds) : null;
    }
}
