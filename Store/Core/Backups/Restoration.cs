namespace ChunkOta.Storage;

/// <summary>Brings a backup back into an empty place.</summary>
/// <remarks>The catalogue gets its name last. After a failure or a kill the same restoration goes on: it verifies what
/// is there and copies the rest.</remarks>
/// <param name="source">The backup store.</param>
/// <param name="data">The data folder; its lock is held.</param>
/// <param name="objects">Gets the objects; empty, or those of this catalogue.</param>
/// <param name="openCopy">Opens the copy of the catalogue at a path.</param>
public sealed class Restoration(
    IObjectReader source, DataFolder data, IMarkedObjectStore objects, Func<string, ICatalogue> openCopy)
{
    private const string RestoringName = "catalogue.restoring.db";
    private const int PageObjects = 256;

    /// <summary>Restores a backup.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="install">Makes the closed copy of the catalogue at a path the server's: null where a file of the
    /// data folder is that.</param>
    /// <param name="progress">Hears of the objects.</param>
    /// <returns>The objects that the backup lacks: the restored server knows that they are lost.</returns>
    /// <exception cref="ChunkOtaException"><c>OBJECT_DAMAGED</c>: the backup's catalogue is damaged;
    /// <c>CONFIG_INVALID</c>: the objects belong to another catalogue; <c>STORE_UNAVAILABLE</c>, <c>STORE_FULL</c>.
    /// </exception>
    public async Task<IReadOnlyList<ObjectFinding>> RunAsync(
        StoredBackup backup, Action<string>? install, IProgress<ObjectFigures> progress,
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
            await new ObjectBinding(catalogue, objects).BindEmptyAsync(cancellationToken).ConfigureAwait(false);
            var copied = await new ObjectCopy(catalogue, source, objects, BackupStore.Kinds, verifiesAll: true)
                .RunAsync(progress, cancellationToken).ConfigureAwait(false);
            lost = [.. copied.Lost, .. copied.Damaged];
            await MarkAsync(catalogue, lost, cancellationToken).ConfigureAwait(false);
            foreach (var (name, content) in backup.Record.Files.Where(file => !data.HasFile(file.Key)))
                data.WriteFile(Path.GetFileName(name), content);
            await RecordAsync(catalogue, backup, cancellationToken).ConfigureAwait(false);
        }

        if (install is null)
        {
            CatalogueFile.Install(path, data.CataloguePath);
        }
        else
        {
            install(path);
            CatalogueFile.Remove(path);
        }

        return lost;
    }

    /// <summary>Marks the objects that the backup lacks, and no others: what the server had lost came back from an
    /// earlier backup.</summary>
    private static async Task MarkAsync(
        ICatalogue catalogue, IReadOnlyList<ObjectFinding> lost, CancellationToken cancellationToken)
    {
        var names = lost.Select(finding => finding.Name).ToHashSet();
        IReadOnlyList<DamagedObject> page = [];
        do
        {
            page = await catalogue.Damage.ListAsync(
                page.Count > 0 ? page[^1].Name : null, PageObjects, cancellationToken).ConfigureAwait(false);
            foreach (var marked in page.Where(
                marked => BackupStore.Kinds.Contains(marked.Name.Kind) && !names.Contains(marked.Name)))
            {
                _ = await catalogue.Damage.RecordAsync(ObjectFinding.Intact(marked.Name), cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        while (page.Count > 0);
        foreach (var finding in lost)
            _ = await catalogue.Damage.RecordAsync(finding, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets the catalogue's numbers go on beyond those of all backups of it.</summary>
    private async Task RecordAsync(ICatalogue catalogue, StoredBackup backup, CancellationToken cancellationToken)
    {
        var all = (await new BackupStore(source).ListAsync(cancellationToken).ConfigureAwait(false)).Backups;
        var highest = all.Where(other => other.Record.Installation == backup.Record.Installation)
            .Select(other => other.Record.HighestNumber).Append(backup.Record.HighestNumber).Max();
        await catalogue.Restores.AddAsync(
            DateTimeOffset.FromUnixTimeSeconds(backup.Record.TakenUnixSeconds), highest, cancellationToken)
            .ConfigureAwait(false);
    }
}
