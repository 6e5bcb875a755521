using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>The backups in an object store of their own: their records, copies of the catalogue, and the objects that
/// these name, each object once for all backups.</summary>
/// <param name="objects">A store with all kinds of objects.</param>
public sealed class BackupStore(IObjectReader objects)
{
    private const int MaxRecordBytes = 4 * 1024 * 1024;
    private const int PieceBytes = 1024 * 1024;

    /// <summary>The kinds of objects that a backup needs besides its catalogue. Manifests are last: nothing names what
    /// is not there.</summary>
    internal static readonly ObjectKind[] Kinds = [ObjectKind.Pack, ObjectKind.Recipe, ObjectKind.Manifest];

    /// <summary>All complete backups by installation, of each the newest first. One that cannot be read, or is a newer
    /// program's, does not hide the others.</summary>
    /// <exception cref="ChunkOtaException"><c>STORE_UNAVAILABLE</c>.</exception>
    public async Task<BackupList> ListAsync(CancellationToken cancellationToken)
    {
        List<StoredBackup> backups = [];
        List<ObjectName> unreadable = [];
        await foreach (var name in objects.ListAsync(ObjectKind.Backup, cancellationToken).ConfigureAwait(false))
        {
            if (await FindAsync(name, cancellationToken).ConfigureAwait(false) is { } record)
                backups.Add(new StoredBackup(name.Digest, record));
            else
                unreadable.Add(name);
        }

        return new BackupList(
            [
                .. backups.OrderBy(backup => backup.Record.Installation)
                    .ThenByDescending(backup => backup.Record.Number).ThenBy(backup => backup.Name),
            ],
            unreadable);
    }

    /// <summary>Finds a backup by the beginning of its name.</summary>
    /// <param name="name">Null for the newest, if all can be read and are of one installation.</param>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: there is none, or more than one; none is named, and backups of
    /// several installations are here, or one that cannot be read.</exception>
    public async Task<StoredBackup> FindAsync(string? name, CancellationToken cancellationToken)
    {
        var (all, unreadable) = await ListAsync(cancellationToken).ConfigureAwait(false);
        if (name is null) return FindNewest(all, unreadable);
        return all.Where(backup => backup.Name.ToString().StartsWith(name, StringComparison.Ordinal)).ToList() switch
        {
            [var one] => one,
            [] => throw new ChunkOtaException(ErrorCodes.Usage, $"unknown backup: {name}: ota-server backup list"),
            _ => throw new ChunkOtaException(
                ErrorCodes.Usage, $"more than one backup begins with {name}: give more of its name"),
        };
    }

    /// <summary>Reads a backup's copy of the catalogue into a file, verified and synced before it gets its
    /// name.</summary>
    /// <param name="backup">The backup.</param>
    /// <param name="path">The file; nothing may have the name.</param>
    /// <exception cref="ChunkOtaException"><c>STORE_UNAVAILABLE</c>, <c>OBJECT_DAMAGED</c>.</exception>
    public async Task ReadCatalogueAsync(StoredBackup backup, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(backup);
        try
        {
            await ReadCatalogueAsync(backup.Record.ListedCatalogue, path, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreFailedException lost) when (lost.IsOfOneObject())
        {
            await CheckAnswersAsync(backup.Record.CatalogueName, cancellationToken).ConfigureAwait(false);
            throw new ObjectDamagedException(
                $"the backup's catalogue is damaged: {backup.Record.CatalogueName}: choose another backup", lost);
        }
    }

    /// <summary>Reads a copy of a catalogue into a file, as <see cref="ReadCatalogueAsync(StoredBackup, string,
    /// CancellationToken)"/> does.</summary>
    internal async Task ReadCatalogueAsync(ListedObject copy, string path, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(path)!;
        using var file = TemporaryFile.Create(folder, Path.GetFileName(path));
        using var content = new VerifiedStream(objects, copy);
        var piece = new byte[PieceBytes];
        int read;
        while ((read = await content.ReadAsync(piece, cancellationToken).ConfigureAwait(false)) > 0)
            file.Append(piece.AsSpan(0, read));
        file.Sync();
        file.RenameIntoPlace(path);
        Fs.SyncDirectory(folder);
    }

    private static StoredBackup FindNewest(IReadOnlyList<StoredBackup> all, IReadOnlyList<ObjectName> unreadable)
    {
        if (unreadable.Count > 0)
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"a backup cannot be read and may be the newest: {unreadable[0]}: repair it, or choose another one "
                + "with --backup, as ota-server backup list shows them");
        }

        return all.Select(backup => backup.Record.Installation).Distinct().Count() switch
        {
            1 => all[0],
            0 => throw new ChunkOtaException(
                ErrorCodes.Usage, "no backup found: make one with ota-server backup create"),
            var several => throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"backups of {several} installations are here: choose one of them with --backup, as ota-server "
                + "backup list shows them"),
        };
    }

    /// <summary>Makes sure that one object alone was lost: a store that is away cannot tell the length of the object
    /// either.</summary>
    /// <exception cref="StoreUnavailableException">The store is away.</exception>
    internal async Task CheckAnswersAsync(ObjectName name, CancellationToken cancellationToken) =>
        _ = await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads a record; null if it cannot be read, or is of a format that this program does not know.</summary>
    private async Task<BackupRecord?> FindAsync(ObjectName name, CancellationToken cancellationToken)
    {
        var length = await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false);
        if (length is not { } bytes || bytes > MaxRecordBytes) return null;
        var content = new byte[bytes];
        try
        {
            await objects.ReadAsync(name, 0, content, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreFailedException lost) when (lost.IsOfOneObject())
        {
            await CheckAnswersAsync(name, cancellationToken).ConfigureAwait(false);
            return null;
        }

        return Digest.Of(content) == name.Digest ? BackupRecord.TryParse(content) : null;
    }
}

/// <summary>The backups of a backup store.</summary>
/// <param name="Backups">The complete ones by installation, of each the newest first.</param>
/// <param name="Unreadable">Records that are damaged, on lost disk blocks, or of a newer program.</param>
public sealed record BackupList(IReadOnlyList<StoredBackup> Backups, IReadOnlyList<ObjectName> Unreadable);
