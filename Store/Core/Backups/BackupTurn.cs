using System.Diagnostics;

namespace ChunkOta.Storage;

/// <summary>The one backup that may run on a catalogue: holds its lease for as long as the work takes.</summary>
/// <param name="backups">Has the lease.</param>
public sealed class BackupTurn(IBackupCatalogue backups)
{
    private static readonly TimeSpan RenewAfter = IBackupCatalogue.Lease / 6;

    /// <summary>Runs the work of a backup.</summary>
    /// <param name="work">Gets what holds the lease; its result is the backup that it made, null for none.</param>
    /// <returns>False if another backup runs: nothing was done.</returns>
    /// <exception cref="BackupLostException">Another backup has taken the lease meanwhile.</exception>
    public async Task<bool> TryRunAsync(
        Func<BackupHold, CancellationToken, Task<LastBackup?>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (await backups.BeginAsync(cancellationToken).ConfigureAwait(false) is not { } lease) return false;
        LastBackup? made = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hold = new BackupHold(backups, lease);
        var renewing = RenewAsync(hold, stop);
        try
        {
            made = await work(hold, stop.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (hold.IsLost)
        {
            throw new BackupLostException();
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // What is recorded must not hide the failure itself; a lease that stays ends by itself.
            await backups.EndAsync(lease, made, CancellationToken.None)
                .ConfigureAwait(made is null ? ConfigureAwaitOptions.SuppressThrowing : ConfigureAwaitOptions.None);
        }
    }

    private static async Task RenewAsync(BackupHold hold, CancellationTokenSource stop)
    {
        using var timer = new PeriodicTimer(RenewAfter);
        try
        {
            while (await timer.WaitForNextTickAsync(stop.Token).ConfigureAwait(false))
            {
                try
                {
                    await hold.RenewAsync(stop.Token).ConfigureAwait(false);
                }
                catch (StoreFailedException)
                {
                    // Tried again at the next tick; what is confirmed meanwhile fails by itself.
                }
            }
        }
        catch (BackupLostException)
        {
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>The lease of the backup that runs.</summary>
public sealed class BackupHold
{
    private static readonly TimeSpan ConfirmAfter = TimeSpan.FromSeconds(10);

    private readonly IBackupCatalogue _backups;
    private readonly BackupLease _lease;
    private long _renewed = Stopwatch.GetTimestamp();

    internal BackupHold(IBackupCatalogue backups, BackupLease lease) => (_backups, _lease) = (backups, lease);

    /// <summary>Makes sure that no other backup has begun, unless that was done a moment ago.</summary>
    /// <exception cref="BackupLostException">Another backup has begun.</exception>
    public async ValueTask ConfirmAsync(CancellationToken cancellationToken)
    {
        if (Stopwatch.GetElapsedTime(Interlocked.Read(ref _renewed)) < ConfirmAfter) return;
        await RenewAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>True after another backup has begun.</summary>
    internal bool IsLost { get; private set; }

    internal async Task RenewAsync(CancellationToken cancellationToken)
    {
        var asked = Stopwatch.GetTimestamp();
        try
        {
            await _backups.RenewAsync(_lease, cancellationToken).ConfigureAwait(false);
        }
        catch (BackupLostException)
        {
            IsLost = true;
            throw;
        }

        Interlocked.Exchange(ref _renewed, asked);
    }
}
