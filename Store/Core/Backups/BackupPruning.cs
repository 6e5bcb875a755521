using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Removes old backups of one installation, and the objects that none of the others needs.</summary>
/// <remarks>
/// <para>Only what an old backup of this installation names can go. A backup's record goes first, because a backup that
/// is listed is complete; its copy of the catalogue goes last, so that a run that was killed is gone on with.</para>
/// <para>Memory does not depend on the number of objects: some at a time are looked up in the catalogues of all backups
/// that stay.</para>
/// </remarks>
/// <param name="objects">The backup store; no other backup of the installation runs.</param>
/// <param name="workspace">A folder of this call alone, for two copies of catalogues.</param>
/// <param name="openCopy">Opens the copy of a catalogue at a path.</param>
public sealed class BackupPruning(
    IPrunableObjectStore objects, string workspace, Func<string, ICatalogue> openCopy)
{
    private const int PageObjects = 1024;

    /// <summary>The most objects that are looked up at a time, some 10 MB.</summary>
    private const int BlockObjects = 128 * 1024;

    /// <summary>True where nothing keeps other installations from writing meanwhile, as in a bucket. A backup of theirs
    /// that runs relies on objects that no record of theirs names yet, so nothing is removed beside their
    /// backups.</summary>
    public bool IsUnlocked { get; init; }

    private readonly BackupStore _backups = new(objects);
    private readonly string _oldPath = Path.Combine(workspace, "old.db");
    private readonly string _keptPath = Path.Combine(workspace, "catalogue.db");

    /// <summary>Keeps the newest backups of an installation, and all of others.</summary>
    /// <param name="installation">The number of its catalogue.</param>
    /// <param name="keep">The number of backups, at least 1.</param>
    /// <returns>The number of backups that were removed.</returns>
    /// <exception cref="ChunkOtaException"><c>OBJECT_DAMAGED</c>, <c>STORE_UNAVAILABLE</c>: a backup that is kept
    /// cannot be read: nothing that it may need was removed; <c>CONFIG_INVALID</c>: another installation has backups
    /// in a place without a lock; <c>BUSY</c>: another backup has begun.</exception>
    public async Task<int> RunAsync(Guid installation, int keep, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        var (all, unreadable) = await _backups.ListAsync(cancellationToken).ConfigureAwait(false);
        List<StoredBackup> old =
            [.. all.Where(backup => backup.Record.Installation == installation).Skip(keep).Reverse()];
        var left = await FindLeftAsync(all, cancellationToken).ConfigureAwait(false);
        if (old.Count == 0 && left.Count == 0) return 0;
        if (unreadable.Count > 0)
        {
            // It may be a newer program's, and need anything.
            throw new ObjectDamagedException(
                $"old backups stay, because a backup cannot be read: {unreadable[0]}: remove it if it is damaged");
        }

        if (IsUnlocked && all.FirstOrDefault(backup => backup.Record.Installation != installation) is { } foreign)
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid,
                $"old backups stay, because installation {foreign.Record.Installation:n} has backups in the same "
                + "bucket: give each installation a Backup:S3:Prefix of its own");
        }

        List<StoredBackup> kept = [.. all.Except(old)];
        foreach (var copy in left)
            await RemoveAsync(copy, installation, kept, null, cancellationToken).ConfigureAwait(false);
        foreach (var backup in old)
        {
            await RemoveAsync(backup.Record.ListedCatalogue, installation, kept, backup, cancellationToken)
                .ConfigureAwait(false);
        }

        return old.Count;
    }

    /// <summary>Copies of catalogues without a record: of backups that were killed at their end, or half
    /// removed.</summary>
    private async Task<List<ListedObject>> FindLeftAsync(
        IReadOnlyList<StoredBackup> all, CancellationToken cancellationToken)
    {
        var recorded = all.Select(backup => backup.Record.CatalogueName).ToHashSet();
        List<ListedObject> left = [];
        await foreach (var name in objects.ListAsync(ObjectKind.Catalogue, cancellationToken).ConfigureAwait(false))
        {
            if (!recorded.Contains(name)
                && await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false) is { } bytes and > 0)
                left.Add(new ListedObject(name, bytes, IsMarked: false));
        }

        return left;
    }

    /// <summary>Removes a backup, unless its copy of the catalogue is another installation's.</summary>
    /// <param name="copy">Its copy of the catalogue.</param>
    /// <param name="installation">The installation.</param>
    /// <param name="kept">The backups that stay.</param>
    /// <param name="backup">The backup; null if its record is gone.</param>
    private async Task RemoveAsync(
        ListedObject copy, Guid installation, IReadOnlyList<StoredBackup> kept, StoredBackup? backup,
        CancellationToken cancellationToken)
    {
        var isShared = kept.Any(other => other.Record.CatalogueName == copy.Name);
        if (!isShared && await TryReadAsync(copy, cancellationToken).ConfigureAwait(false))
        {
            var catalogue = openCopy(_oldPath);
            await using (catalogue.ConfigureAwait(false))
            {
                if (await catalogue.FindIdAsync(cancellationToken).ConfigureAwait(false) != installation) return;
                await RemoveObjectsAsync(catalogue, kept, backup, cancellationToken).ConfigureAwait(false);
            }
        }
        else if (backup is null)
        {
            // Damaged, and nobody knows whose.
            return;
        }

        await RemoveRecordAsync(backup, cancellationToken).ConfigureAwait(false);
        if (!isShared) _ = await objects.DeleteAsync(copy.Name, cancellationToken).ConfigureAwait(false);
        CatalogueFile.Remove(_oldPath);
    }

    private async Task<bool> TryReadAsync(ListedObject copy, CancellationToken cancellationToken)
    {
        CatalogueFile.Remove(_oldPath);
        try
        {
            await _backups.ReadCatalogueAsync(copy, _oldPath, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (StoreFailedException lost) when (lost.IsOfOneObject())
        {
            await _backups.CheckAnswersAsync(copy.Name, cancellationToken).ConfigureAwait(false);
            return false;
        }
    }

    private async Task RemoveObjectsAsync(
        ICatalogue old, IReadOnlyList<StoredBackup> kept, StoredBackup? backup, CancellationToken cancellationToken)
    {
        HashSet<ObjectName> block = [];
        List<ObjectRange> ranges = [];
        foreach (var kind in BackupStore.Kinds)
        {
            for (Digest after = default; ;)
            {
                var last = await AddAsync(block, old, kind, after, cancellationToken).ConfigureAwait(false);
                if (last == after) break;
                ranges.Add(new ObjectRange(kind, after, last));
                after = last;
                if (block.Count >= BlockObjects) await RemoveBlockAsync().ConfigureAwait(false);
            }
        }

        await RemoveBlockAsync().ConfigureAwait(false);

        async Task RemoveBlockAsync()
        {
            foreach (var other in kept.DistinctBy(other => other.Record.CatalogueName))
                await SpareAsync(block, ranges, other, cancellationToken).ConfigureAwait(false);
            await RemoveRecordAsync(backup, cancellationToken).ConfigureAwait(false);
            foreach (var name in block)
                _ = await objects.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            block.Clear();
            ranges.Clear();
        }
    }

    /// <summary>Adds objects of a kind until the block is full.</summary>
    /// <returns>The last object that was added; <paramref name="after"/> if there are no more.</returns>
    private static async Task<Digest> AddAsync(
        HashSet<ObjectName> block, ICatalogue catalogue, ObjectKind kind, Digest after,
        CancellationToken cancellationToken)
    {
        while (block.Count < BlockObjects)
        {
            var page = await catalogue.Damage.ListObjectsAsync(kind, after, PageObjects, cancellationToken)
                .ConfigureAwait(false);
            if (page.Count == 0) break;
            block.UnionWith(page.Select(listed => listed.Name));
            after = page[^1].Name.Digest;
        }

        return after;
    }

    /// <summary>Takes the objects that a backup needs out of a block.</summary>
    private async Task SpareAsync(
        HashSet<ObjectName> block, List<ObjectRange> ranges, StoredBackup kept, CancellationToken cancellationToken)
    {
        if (block.Count == 0) return;
        CatalogueFile.Remove(_keptPath);
        await _backups.ReadCatalogueAsync(kept, _keptPath, cancellationToken).ConfigureAwait(false);
        var catalogue = openCopy(_keptPath);
        await using (catalogue.ConfigureAwait(false))
        {
            foreach (var (kind, from, last) in ranges)
            {
                for (var after = from; after.CompareTo(last) < 0;)
                {
                    var page = await catalogue.Damage.ListObjectsAsync(kind, after, PageObjects, cancellationToken)
                        .ConfigureAwait(false);
                    if (page.Count == 0) break;
                    block.ExceptWith(page.Select(listed => listed.Name));
                    after = page[^1].Name.Digest;
                }
            }
        }

        CatalogueFile.Remove(_keptPath);
    }

    private async Task RemoveRecordAsync(StoredBackup? backup, CancellationToken cancellationToken)
    {
        if (backup is null) return;
        var name = new ObjectName(ObjectKind.Backup, backup.Name);
        _ = await objects.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The objects of a kind after one digest up to another.</summary>
    private readonly record struct ObjectRange(ObjectKind Kind, Digest After, Digest Last);
}
