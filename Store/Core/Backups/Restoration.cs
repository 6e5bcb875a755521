namespace ChunkOta.Storage;

/// <summary>Brings a backup back into an empty place.</summary>
/// <remarks>The catalogue gets its name last. After a failure or a kill the same restoration goes on: it verifies what
/// is there and copies the rest.</remarks>
/// <param name="source">The backup store.</param>
/// <param name="data">The data folder; its lock is held.</param>
/// <param name="objects">Gets the objects.</param>
/// <param name="openCopy">Opens the copy of the catalogue at a path.</param>
public sealed class Restoration(
    IObjectReader source, DataFolder data, IObjectStore objects, Func<string, ICatalogue> openCopy)
{
    private const string RestoringName = "catalogue.restoring.db";

    /// <summary>Restores a backup.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="install">Makes the copy of the catalogue, still open, the server's: null where a file of the data
    /// folder is that.</param>
    /// <param name="progress">Hears of the objects.</param>
    /// <returns>The objects that the backup lacks: the restored server knows that they are lost.</returns>
    /// <exception cref="ChunkOtaException"><c>OBJECT_DAMAGED</c>: the backup's catalogue is damaged;
    /// <c>STORE_UNAVAILABLE</c>, <c>STORE_FULL</c>.</exception>
    public async Task<IReadOnlyList<ObjectFinding>> RunAsync(
        StoredBackup backup, Func<ICatalogue, Task>? install, IProgress<ObjectFigures> progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backup);
        ArgumentNullException.ThrowIfNull(progress);
        var path = data.PathOf(RestoringName);
        CatalogueFile.Remove(path);
        await new BackupStore(source).ReadCatalogueAsync(backup, path, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<ObjectFinding> lost;
        var catalogue = openCopy(path);
        await using (catalogue.ConfigureAwait(false))
        {
            await BackupCheck.CheckIntegrityAsync(catalogue, cancellationToken).ConfigureAwait(false);
            var copied = await new ObjectCopy(catalogue, source, objects, BackupStore.Kinds, verifiesAll: true)
                .RunAsync(progress, cancellationToken).ConfigureAwait(false);
            lost = [.. copied.Lost, .. copied.Damaged];
            foreach (var finding in lost)
                _ = await catalogue.Damage.RecordAsync(finding, cancellationToken).ConfigureAwait(false);
            foreach (var (name, content) in backup.Record.Files.Where(file => !data.HasFile(file.Key)))
                data.WriteFile(Path.GetFileName(name), content);
            var taken = DateTimeOffset.FromUnixTimeSeconds(backup.Record.TakenUnixSeconds);
            await catalogue.Restores.AddAsync(taken, cancellationToken).ConfigureAwait(false);
            if (install is not null)
                await install(catalogue).ConfigureAwait(false);
        }

        if (install is null)
            CatalogueFile.Install(path, data.CataloguePath);
        else
            CatalogueFile.Remove(path);
        return lost;
    }
}
