using System.Text;
using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Storage;
using ChunkOta.Storage.Postgres;
using ChunkOta.Storage.S3;
using ChunkOta.Storage.Sql;
using ChunkOta.Storage.Sqlite;

namespace ChunkOta.Server;

/// <summary>Opens the catalogue and the objects that the settings name.</summary>
internal static class StoreOpening
{
    private const int OwnerCharacters = 16;

    /// <summary>Opens the catalogue, creating or migrating it as needed.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID, STORE_UNAVAILABLE, SYSTEM_LIBRARY_MISSING.</exception>
    public static ICatalogue OpenCatalogue(
        CatalogueSettings settings, DataFolder data, TimeProvider clock, ICatalogueObserver? observer = null)
    {
        if (settings.IsInDataFolder())
            return SqliteCatalogue.Open(data.CataloguePath, clock, observer);
        // A call waits for the database on its own thread: others must not wait for those threads.
        ThreadPool.GetMinThreads(out var workers, out var completions);
        _ = ThreadPool.SetMinThreads(workers + PostgresCatalogue.MaxConnections, completions);
        return PostgresCatalogue.Open(settings.ToDatabase(), clock, observer);
    }

    /// <summary>The catalogue's database, from which every server is kept away.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID.</exception>
    public static ISqlDialect DatabaseOf(CatalogueSettings settings, DataFolder data) => settings.IsInDataFolder()
        ? SqliteCatalogue.DatabaseOf(data.CataloguePath)
        : PostgresCatalogue.DatabaseOf(settings.ToDatabase());

    /// <summary>Looks whether the database can hold a catalogue, if the settings name one; changes nothing.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID, STORE_UNAVAILABLE.</exception>
    public static void CheckCatalogue(CatalogueSettings settings)
    {
        if (!settings.IsInDataFolder())
            PostgresCatalogue.Check(settings.ToDatabase());
    }

    /// <summary>Opens the object store.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID, STORE_UNAVAILABLE.</exception>
    public static async Task<IMarkedObjectStore> OpenObjectsAsync(
        ObjectSettings settings, DataFolder data, TimeProvider clock, CancellationToken cancellationToken = default) =>
        BucketOf(settings.S3, ObjectSettings.S3Section) is { } bucket
            ? await S3ObjectStore.OpenAsync(bucket, clock, cancellationToken)
        : settings.Folder.Length == 0 ? FileObjectStore.Open(data.ObjectsPath)
        : FileObjectStore.Open(settings.Folder, $"tmp-{OwnerOf(data)}");

    /// <summary>The second copy of the objects, which is only read; null for none. Whether it answers shows when it is
    /// needed.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID.</exception>
    public static IObjectReader? OpenReplica(ReplicaSettings settings, TimeProvider clock) =>
        BucketOf(settings.S3, ReplicaSettings.S3Section) is { } bucket ? S3ObjectStore.OpenReader(bucket, clock)
        : settings.Folder.Length > 0 ? FileObjectStore.OpenReader(settings.Folder)
        : null;

    /// <summary>Lists the second copy of the objects, if the settings name one.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID, STORE_UNAVAILABLE.</exception>
    public static async Task CheckReplicaAsync(ReplicaSettings settings, CancellationToken cancellationToken)
    {
        var replica = OpenReplica(settings, TimeProvider.System);
        using var connections = replica as IDisposable;
        if (replica is null) return;
        await foreach (var _ in replica.ListAsync(ObjectKind.Manifest, cancellationToken)) break;
    }

    /// <summary>Opens the objects to read alone, also beside the servers that use them.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID, STORE_UNAVAILABLE.</exception>
    public static async Task<IObjectReader> OpenObjectReaderAsync(
        ObjectSettings settings, DataFolder data, TimeProvider clock, CancellationToken cancellationToken) =>
        BucketOf(settings.S3, ObjectSettings.S3Section) is { } bucket
            ? await S3ObjectStore.OpenAsync(bucket, clock, cancellationToken)
        : FileObjectStore.OpenReader(FolderOf(settings, data));

    /// <summary>The address of the objects: the same text for the same place.</summary>
    public static string AddressOf(ObjectSettings settings, DataFolder data) =>
        BucketOf(settings.S3, ObjectSettings.S3Section)?.ToString() ?? Fs.Resolve(FolderOf(settings, data));

    /// <summary>Puts, reads and deletes an object of its own in the bucket, if the settings name one.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID, STORE_FULL, STORE_UNAVAILABLE.</exception>
    public static async Task CheckObjectsAsync(ObjectSettings settings, CancellationToken cancellationToken)
    {
        if (BucketOf(settings.S3, ObjectSettings.S3Section) is not { } bucket) return;
        using var objects = await S3ObjectStore.OpenAsync(bucket, TimeProvider.System, cancellationToken);
        await objects.ProbeAsync(cancellationToken);
    }

    /// <summary>Names the one process that may hold a data folder, on all machines that share objects.</summary>
    private static string OwnerOf(DataFolder data) =>
        Digest.Of(Encoding.UTF8.GetBytes($"{Environment.MachineName}\n{data.Path}")).ToString()[..OwnerCharacters];

    private static string FolderOf(ObjectSettings settings, DataFolder data) =>
        settings.Folder.Length == 0 ? data.ObjectsPath : settings.Folder;

    /// <summary>The bucket that settings name; null for none.</summary>
    /// <param name="settings">The bucket's settings.</param>
    /// <param name="section">Where they are, for messages.</param>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID: it has no key.</exception>
    public static S3Bucket? BucketOf(S3Settings settings, SettingSection section) => settings.Bucket.Length == 0
        ? null
        : new S3Bucket
        {
            Endpoint = new Uri(settings.Endpoint),
            Name = settings.Bucket,
            Prefix = settings.Prefix,
            Region = settings.Region,
            Credentials = CredentialsOf(settings, section),
            Deadline = TimeSpan.FromSeconds(settings.DeadlineSeconds),
        };

    private static S3Credentials CredentialsOf(S3Settings settings, SettingSection section)
    {
        if (settings.Credentials.Length == 0)
            return S3Credentials.FindInEnvironment() ?? throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid,
                $"the bucket needs a key: {settings.Bucket}: name its file in "
                    + $"{section.KeyOf(nameof(settings.Credentials))}, or set AWS_ACCESS_KEY_ID and "
                    + "AWS_SECRET_ACCESS_KEY");
        try
        {
            return S3Credentials.TryParse(File.ReadAllText(settings.Credentials)) ?? throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid,
                $"not a credentials file: {settings.Credentials}: write the lines aws_access_key_id = KEY and "
                    + "aws_secret_access_key = SECRET");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid,
                $"the credentials file cannot be read: {settings.Credentials}: {failure.Message}", failure);
        }
    }
}
