namespace ChunkOta.Storage;

/// <summary>The catalogue of one server, in one SQLite file.</summary>
public sealed class SqliteCatalogue : ICatalogue
{
    private readonly SqliteDatabase _database;

    private SqliteCatalogue(SqliteDatabase database, TimeProvider time)
    {
        _database = database;
        Chunks = new SqliteChunkIndex(database, time);
        Releases = new SqliteReleaseCatalogue(database, time);
        Publishes = new SqlitePublishLeases(database, time);
        Identities = new SqliteIdentityCatalogue(database);
        Devices = new SqliteDeviceCatalogue(database, time);
        Deltas = new SqliteDeltas(database, time);
        DeltaJobs = new SqliteDeltaJobs(database, time);
    }

    /// <summary>The SQLite library's version, such as <c>3.53.3</c>.</summary>
    /// <exception cref="ChunkOtaException"><c>SYSTEM_LIBRARY_MISSING</c>: the library is absent or can lose committed
    /// data.</exception>
    public static string LibraryVersion => SqliteLibrary.Version;

    /// <inheritdoc/>
    public IChunkIndex Chunks { get; }

    /// <inheritdoc/>
    public IReleaseCatalogue Releases { get; }

    /// <inheritdoc/>
    public IPublishLeases Publishes { get; }

    /// <inheritdoc/>
    public IIdentityCatalogue Identities { get; }

    /// <inheritdoc/>
    public IDeviceCatalogue Devices { get; }

    /// <inheritdoc/>
    public IDeltaCatalogue Deltas { get; }

    /// <inheritdoc/>
    public IDeltaJobs DeltaJobs { get; }

    /// <inheritdoc/>
    public string Engine => $"SQLite {LibraryVersion}";

    /// <summary>Opens a catalogue file, creating or migrating it as needed.</summary>
    /// <param name="path">The file; the caller holds the folder's lock, for there must be one writer.</param>
    /// <param name="time">The clock of leases and expiries.</param>
    /// <exception cref="ChunkOtaException"><c>SYSTEM_LIBRARY_MISSING</c>.</exception>
    /// <exception cref="StoreUnavailableException">The file is damaged, another program's, or a newer
    /// program's.</exception>
    public static SqliteCatalogue Open(string path, TimeProvider time) =>
        new(SqliteDatabase.Open(path, Math.Clamp(Environment.ProcessorCount, 2, 8)), time);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }
}
