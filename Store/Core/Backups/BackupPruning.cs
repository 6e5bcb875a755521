using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Removes old backups, and the objects that none of the others needs.</summary>
/// <param name="objects">The backup store; nobody else writes to it.</param>
/// <param name="workspace">A folder of this call alone, for one copy of a catalogue.</param>
/// <param name="openCopy">Opens the copy of a catalogue at a path.</param>
public sealed class BackupPruning(
    IPrunableObjectStore objects, string workspace, Func<string, ICatalogue> openCopy)
{
    private const int PageObjects = 1024;

    /// <summary>Keeps the newest backups.</summary>
    /// <param name="keep">Their number, at least 1.</param>
    /// <returns>The number of backups that were removed.</returns>
    /// <exception cref="ChunkOtaException"><c>OBJECT_DAMAGED</c>, <c>STORE_UNAVAILABLE</c>: a backup that is kept
    /// cannot be read: nothing was removed.</exception>
    public async Task<int> RunAsync(int keep, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        var (all, unreadable) = await new BackupStore(objects).ListAsync(cancellationToken).ConfigureAwait(false);
        if (all.Count <= keep) return 0;
        if (unreadable.Count > 0)
        {
            // It may be a newer program's, and need anything.
            throw new ObjectDamagedException(
                $"old backups stay, because a backup cannot be read: {unreadable[0]}: remove it if it is damaged");
        }

        HashSet<ObjectName> needed = [];
        foreach (var backup in all.Take(keep))
            await AddNeededAsync(backup, needed, cancellationToken).ConfigureAwait(false);
        // The records go first: a backup that is listed is complete.
        foreach (var old in all.Skip(keep))
        {
            var name = new ObjectName(ObjectKind.Backup, old.Name);
            _ = await objects.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
        }

        foreach (var kind in (ObjectKind[])[.. BackupStore.Kinds, ObjectKind.Catalogue])
        {
            List<ObjectName> unneeded = [];
            await foreach (var name in objects.ListAsync(kind, cancellationToken).ConfigureAwait(false))
            {
                if (!needed.Contains(name)) unneeded.Add(name);
            }

            foreach (var name in unneeded)
                _ = await objects.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
        }

        return all.Count - keep;
    }

    private async Task AddNeededAsync(
        StoredBackup backup, HashSet<ObjectName> needed, CancellationToken cancellationToken)
    {
        if (!needed.Add(backup.Record.CatalogueName)) return;
        var path = Path.Combine(workspace, "catalogue.db");
        CatalogueFile.Remove(path);
        await new BackupStore(objects).ReadCatalogueAsync(backup, path, cancellationToken).ConfigureAwait(false);
        var catalogue = openCopy(path);
        await using (catalogue.ConfigureAwait(false))
        {
            foreach (var kind in BackupStore.Kinds)
            {
                Digest after = default;
                while (true)
                {
                    var page = await catalogue.Damage.ListObjectsAsync(kind, after, PageObjects, cancellationToken)
                        .ConfigureAwait(false);
                    if (page.Count == 0) break;
                    needed.UnionWith(page.Select(listed => listed.Name));
                    after = page[^1].Name.Digest;
                }
            }
        }

        CatalogueFile.Remove(path);
    }
}
