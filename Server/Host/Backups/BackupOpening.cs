using ChunkOta.Durable;
using ChunkOta.Storage;
using ChunkOta.Storage.S3;
using ChunkOta.Storage.Sqlite;

namespace ChunkOta.Server;

/// <summary>Opens what backups are read from and written to.</summary>
internal static class BackupOpening
{
    private const string WorkspaceName = "backup";

    /// <summary>Opens the place of backups to write to: a folder for one process at a time, a bucket for any
    /// number.</summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: no settings name one; <c>BUSY</c>: another backup
    /// runs; <c>STORE_UNAVAILABLE</c>.</exception>
    public static async Task<BackupTarget> OpenTargetAsync(
        BackupSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        CheckSet(settings);
        if (StoreOpening.BucketOf(settings.S3, BackupSettings.S3Section) is { } bucket)
        {
            var objects = await S3ObjectStore.OpenAsync(bucket, clock, cancellationToken);
            return new BackupTarget(objects, objects, IsLocked: false);
        }

        Fs.MakeDirectories(settings.Folder);
        var held = FileLock.Acquire(Path.Combine(settings.Folder, "lock"));
        try
        {
            return new BackupTarget(FileObjectStore.OpenBackups(settings.Folder), held, IsLocked: true);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The address of the place of backups: the same text for the same place.</summary>
    public static string AddressOf(BackupSettings settings) =>
        StoreOpening.BucketOf(settings.S3, BackupSettings.S3Section)?.ToString() ?? Fs.Resolve(settings.Folder);

    /// <summary>Opens the place of backups to read from.</summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: no settings name one; <c>STORE_UNAVAILABLE</c>.
    /// </exception>
    public static async Task<BackupSource> OpenSourceAsync(
        BackupSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        CheckSet(settings);
        if (StoreOpening.BucketOf(settings.S3, BackupSettings.S3Section) is not { } bucket)
            return new BackupSource(FileObjectStore.OpenReader(settings.Folder), null);
        var objects = await S3ObjectStore.OpenAsync(bucket, clock, cancellationToken);
        return new BackupSource(objects, objects);
    }

    /// <summary>The private files that are there, by name.</summary>
    public static Dictionary<string, byte[]> ReadPrivateFiles(DataFolder data) => PrivateFiles.Names
        .Select(name => KeyValuePair.Create(name, data.FindFile(name)))
        .Where(file => file.Value is not null)
        .ToDictionary(file => file.Key, file => file.Value!);

    /// <summary>Opens a copy of a catalogue, creating or migrating it as needed.</summary>
    public static ICatalogue OpenCopy(string path) => SqliteCatalogue.Open(path, TimeProvider.System);

    /// <summary>Takes the folder in the data folder where a copy of the catalogue is made, without what killed
    /// processes left in it.</summary>
    /// <exception cref="FileSystemException"><c>BUSY</c>: another backup of this server runs.</exception>
    public static BackupWorkspace OpenWorkspace(DataFolder data)
    {
        var path = data.PathOf(WorkspaceName);
        _ = Fs.MakeDirectory(path);
        var workspace = new BackupWorkspace(path, FileLock.Acquire(Path.Combine(path, "lock")));
        try
        {
            // Each may be as large as the catalogue.
            TemporaryFile.RemoveLeftovers(path);
            return workspace;
        }
        catch
        {
            workspace.Dispose();
            throw;
        }
    }

    private static void CheckSet(BackupSettings settings)
    {
        if (!settings.IsSet())
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid,
                "no place for backups: set Backup:Folder to a folder on another disk, or Backup:S3 to a bucket");
        }
    }
}

/// <summary>A place of backups to write to.</summary>
/// <param name="Objects">The backups.</param>
/// <param name="Held">The lock, or the connections.</param>
/// <param name="IsLocked">This process alone writes to it.</param>
internal sealed record BackupTarget(IPrunableObjectStore Objects, IDisposable Held, bool IsLocked) : IDisposable
{
    public void Dispose() => Held.Dispose();
}

/// <summary>A place of backups to read from.</summary>
/// <param name="Objects">The backups.</param>
/// <param name="Connections">Its connections; null for none.</param>
internal sealed record BackupSource(IObjectReader Objects, IDisposable? Connections) : IDisposable
{
    public void Dispose() => Connections?.Dispose();
}

/// <summary>A folder for one copy of a catalogue.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Held">Its lock.</param>
internal sealed record BackupWorkspace(string Path, IDisposable Held) : IDisposable
{
    public void Dispose() => Held.Dispose();
}
