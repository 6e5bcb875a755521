namespace ChunkOta.Storage.Sql;

/// <summary>The backups of the catalogue, in SQL.</summary>
internal sealed class SqlBackups(SqlDatabase database, TimeProvider clock) : IBackupCatalogue
{
    public Task<BackupLease?> BeginAsync(CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                // A lease that ends too late is of a clock that was ahead: nobody holds it that long.
                return session[
                    """
                    UPDATE backups SET epoch = epoch + 1, leased_until = $2
                    WHERE leased_until <= $1 OR leased_until > $3 RETURNING epoch
                    """]
                    .Bind(1, now).Bind(2, now + IBackupCatalogue.Lease).Bind(3, now + (2 * IBackupCatalogue.Lease))
                    .FirstValue(row => new BackupLease(row.Long(0)));
            },
            cancellationToken);

    public Task RenewAsync(BackupLease lease, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                if (session["UPDATE backups SET leased_until = $2 WHERE epoch = $1"]
                    .Bind(1, lease.Epoch).Bind(2, clock.GetUtcNow() + IBackupCatalogue.Lease).Run() == 0)
                    throw new BackupLostException();
            },
            cancellationToken);

    public Task EndAsync(BackupLease lease, LastBackup? made, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                if (session["UPDATE backups SET leased_until = 0 WHERE epoch = $1"].Bind(1, lease.Epoch).Run() > 0
                    && made is not null)
                {
                    _ = session["UPDATE backups SET taken = $1, place = $2"].Bind(1, made.Taken).Bind(2, made.Place)
                        .Run();
                }
            },
            cancellationToken);

    public ValueTask<LastBackup?> FindLastAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => session["SELECT taken, place FROM backups WHERE taken IS NOT NULL"]
                .First(row => new LastBackup(row.Time(0), row.Text(1))),
            cancellationToken);
}
