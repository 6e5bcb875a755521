using ChunkOta.Durable;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Makes backups of one server where the settings say, and removes old ones.</summary>
/// <param name="settings">The place of the backups, and how many are kept.</param>
/// <param name="data">The data folder, which another process may hold.</param>
/// <param name="catalogue">The server's, which others may share.</param>
/// <param name="objects">The server's.</param>
/// <param name="clock">Dates the backups.</param>
internal sealed class BackupMaker(
    BackupSettings settings, DataFolder data, ICatalogue catalogue, IObjectReader objects, TimeProvider clock)
{
    /// <summary>Makes a backup now.</summary>
    /// <param name="verifiesAll">Reads what earlier backups copied, too.</param>
    /// <param name="progress">Hears of the objects.</param>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>: another backup runs; <c>CONFIG_INVALID</c>;
    /// <c>STORE_UNAVAILABLE</c>, <c>STORE_FULL</c>.</exception>
    public async Task<BackupOutcome> RunAsync(
        bool verifiesAll, IProgress<ObjectFigures> progress, CancellationToken cancellationToken)
    {
        BackupOutcome? outcome = null;
        var isMade = await new BackupTurn(catalogue.Backups).TryRunAsync(
            async (hold, stop) =>
            {
                outcome = await MakeAsync(hold, verifiesAll, progress, stop);
                return LastOf(outcome);
            },
            cancellationToken);
        return isMade ? outcome! : throw new ChunkOtaException(
            ErrorCodes.Busy,
            "no backup was made: another one of this catalogue runs, or was killed less than three minutes ago: run it "
            + "again later");
    }

    /// <summary>Makes a backup if the newest one is old enough.</summary>
    /// <param name="interval">The time between two.</param>
    /// <returns>Null if it is not due, or another server makes one, or another installation uses the
    /// place.</returns>
    /// <exception cref="ChunkOtaException"><c>STORE_UNAVAILABLE</c>; <c>CONFIG_INVALID</c>; <c>STORE_FULL</c>.
    /// </exception>
    public async Task<BackupOutcome?> RunIfDueAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        BackupOutcome? outcome = null;
        _ = await TryTakeTurnAsync(
            async (hold, stop) =>
            {
                // Another server may have made one a moment ago.
                if (await FindWaitAsync(interval, stop) > TimeSpan.Zero) return null;
                outcome = await MakeAsync(hold, verifiesAll: false, new Progress<ObjectFigures>(), stop);
                return LastOf(outcome);
            },
            cancellationToken);
        return outcome;
    }

    /// <summary>Removes old backups again, after a failure.</summary>
    /// <returns>False if a backup runs, or another installation uses the place: nothing was removed.</returns>
    /// <exception cref="ChunkOtaException"><c>OBJECT_DAMAGED</c>, <c>STORE_UNAVAILABLE</c>, <c>CONFIG_INVALID</c>.
    /// </exception>
    public Task<bool> PruneAsync(CancellationToken cancellationToken) =>
        TryTakeTurnAsync(
            async (hold, stop) =>
            {
                using var workspace = BackupOpening.OpenWorkspace(data);
                using var target = await BackupOpening.OpenTargetAsync(settings, clock, stop);
                await RemoveOldAsync(new HeldBackupStore(target.Objects, hold), target.IsLocked, workspace, stop);
                return null;
            },
            cancellationToken);

    /// <summary>The time until the next backup is due; zero or less if one is due now.</summary>
    /// <param name="interval">The time between two.</param>
    /// <exception cref="ChunkOtaException"><c>STORE_UNAVAILABLE</c>, also when the backups that were made here are
    /// gone: a disk that is not mounted must not be taken for a new place; <c>CONFIG_INVALID</c>.</exception>
    public async Task<TimeSpan> FindWaitAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        var newest = await FindNewestAsync(cancellationToken);
        if (newest is null && await FindGoneAsync(cancellationToken) is { } last)
        {
            throw new StoreUnavailableException(
                $"the backups are gone: {last.Place}: the last one was made there at {last.Taken:u}: mount it, or "
                + "begin anew with ota-server backup create");
        }

        // A backup from the future is of a clock that was ahead.
        var age = clock.GetUtcNow()
            - DateTimeOffset.FromUnixTimeSeconds(newest?.Record.TakenUnixSeconds ?? 0);
        return age < TimeSpan.Zero ? TimeSpan.Zero : interval - age;
    }

    /// <summary>The last backup of this installation, if it was made in the place of the settings and none is left
    /// there; else null.</summary>
    /// <exception cref="ChunkOtaException"><c>STORE_UNAVAILABLE</c>, <c>CONFIG_INVALID</c>.</exception>
    public async Task<LastBackup?> FindGoneAsync(CancellationToken cancellationToken) =>
        await catalogue.Backups.FindLastAsync(cancellationToken) is { } last
        && last.Place == BackupOpening.AddressOf(settings)
        && await FindNewestAsync(cancellationToken) is null
            ? last
            : null;

    private async Task<StoredBackup?> FindNewestAsync(CancellationToken cancellationToken)
    {
        using var source = await BackupOpening.OpenSourceAsync(settings, clock, cancellationToken);
        var all = (await new BackupStore(source.Objects).ListAsync(cancellationToken)).Backups;
        var id = await catalogue.FindIdAsync(cancellationToken);
        return all.FirstOrDefault(backup => backup.Record.Installation == id);
    }

    /// <summary>Runs the work of a backup unless another process does: it holds the lease, or a lock.</summary>
    private async Task<bool> TryTakeTurnAsync(
        Func<BackupHold, CancellationToken, Task<LastBackup?>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await new BackupTurn(catalogue.Backups).TryRunAsync(work, cancellationToken);
        }
        catch (FileSystemException held) when (held.Problem == FileProblem.Busy)
        {
            return false;
        }
    }

    private async Task<BackupOutcome> MakeAsync(
        BackupHold hold, bool verifiesAll, IProgress<ObjectFigures> progress, CancellationToken cancellationToken)
    {
        using var workspace = BackupOpening.OpenWorkspace(data);
        using var target = await BackupOpening.OpenTargetAsync(settings, clock, cancellationToken);
        var held = new HeldBackupStore(target.Objects, hold);
        // Of a full place, only this frees space. What fails here fails below again.
        _ = await TryRemoveOldAsync(held, target.IsLocked, workspace, cancellationToken);
        var outcome = await new BackupRun(
            catalogue, objects, held, workspace.Path, BackupOpening.OpenCopy, clock)
            .RunAsync(BackupOpening.ReadPrivateFiles(data), verifiesAll, progress, cancellationToken);
        return outcome with
        {
            PruningFailure = await TryRemoveOldAsync(held, target.IsLocked, workspace, cancellationToken),
        };
    }

    /// <summary>Removes old backups, whose removal must not hide that another one was made.</summary>
    /// <returns>The failure; null for none.</returns>
    private async Task<ChunkOtaException?> TryRemoveOldAsync(
        HeldBackupStore held, bool isLocked, BackupWorkspace workspace, CancellationToken cancellationToken)
    {
        try
        {
            await RemoveOldAsync(held, isLocked, workspace, cancellationToken);
            return null;
        }
        catch (ChunkOtaException failure)
        {
            return failure;
        }
    }

    private async Task RemoveOldAsync(
        HeldBackupStore held, bool isLocked, BackupWorkspace workspace, CancellationToken cancellationToken)
    {
        if (settings.Keep == 0 || await catalogue.FindIdAsync(cancellationToken) is not { } installation) return;
        _ = await new BackupPruning(held, workspace.Path, BackupOpening.OpenCopy) { IsUnlocked = !isLocked }
            .RunAsync(installation, settings.Keep, cancellationToken);
    }

    private LastBackup LastOf(BackupOutcome outcome) => new(
        DateTimeOffset.FromUnixTimeSeconds(outcome.Backup.Record.TakenUnixSeconds),
        BackupOpening.AddressOf(settings));
}
