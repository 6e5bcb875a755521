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

    /// <summary>All complete backups, the newest first. One that is damaged, or a newer program's, does not hide the
    /// others.</summary>
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
            [.. backups.OrderByDescending(backup => backup.Record.TakenUnixSeconds).ThenBy(backup => backup.Name)],
            unreadable);
    }

    /// <summary>Finds a backup by the beginning of its name.</summary>
    /// <param name="name">Null for the newest.</param>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: there is none, or more than one.</exception>
    public async Task<StoredBackup> FindAsync(string? name, CancellationToken cancellationToken)
    {
        var all = (await ListAsync(cancellationToken).ConfigureAwait(false)).Backups;
        if (name is null)
        {
            return all.Count > 0
                ? all[0]
                : throw new ChunkOtaException(
                    ErrorCodes.Usage, "no backup found: make one with ota-server backup create");
        }

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
        var (name, length) = (backup.Record.CatalogueName, backup.Record.CatalogueBytes);
        var folder = Path.GetDirectoryName(path)!;
        using var file = TemporaryFile.Create(folder, Path.GetFileName(path));
        var hasher = new Blake3Hasher();
        var piece = new byte[PieceBytes];
        for (long at = 0; at < length;)
        {
            var part = piece.AsMemory(0, (int)Math.Min(PieceBytes, length - at));
            await objects.ReadAsync(name, at, part, cancellationToken).ConfigureAwait(false);
            hasher.Append(part.Span);
            file.Append(part.Span);
            at += part.Length;
        }

        if (hasher.Finish() != name.Digest)
            throw new ObjectDamagedException($"the backup's catalogue is damaged: {name}: choose another backup");
        file.Sync();
        file.RenameIntoPlace(path);
        Fs.SyncDirectory(folder);
    }

    /// <summary>Reads a record; null if it is damaged, or of a format that this program does not know.</summary>
    private async Task<BackupRecord?> FindAsync(ObjectName name, CancellationToken cancellationToken)
    {
        var length = await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false);
        if (length is not { } bytes || bytes > MaxRecordBytes) return null;
        var content = new byte[bytes];
        try
        {
            await objects.ReadAsync(name, 0, content, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception lost) when (lost is ObjectMissingException or ObjectDamagedException)
        {
            return null;
        }

        return Digest.Of(content) == name.Digest ? BackupRecord.TryParse(content) : null;
    }
}

/// <summary>The backups of a backup store.</summary>
/// <param name="Backups">The complete ones, the newest first.</param>
/// <param name="Unreadable">Records that are damaged or of a newer program.</param>
public sealed record BackupList(IReadOnlyList<StoredBackup> Backups, IReadOnlyList<ObjectName> Unreadable);
