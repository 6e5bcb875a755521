using System.Data.Common;

namespace ChunkOta.Storage.Sql;

/// <summary>The catalogue in an SQL database.</summary>
public sealed class SqlCatalogue : ICatalogue
{
    private readonly SqlDatabase _database;

    private SqlCatalogue(SqlDatabase database, TimeProvider clock)
    {
        _database = database;
        Chunks = new SqlChunkIndex(database, clock);
        Releases = new SqlReleaseCatalogue(database, clock);
        Publishes = new SqlPublishLeases(database, clock);
        Identities = new SqlIdentityCatalogue(database, clock);
        Devices = new SqlDeviceCatalogue(database, clock);
        Deltas = new SqlDeltaCatalogue(database, clock);
        DeltaJobs = new SqlDeltaJobs(database, clock);
        Damage = new SqlDamageCatalogue(database, clock);
        Scrubs = new SqlScrubPasses(database, clock);
        Retention = new SqlRetention(database, clock);
        Collection = new SqlCollection(database, clock);
        Trash = new SqlTrash(database, clock);
        Restores = new SqlRestores(database, clock);
        Backups = new SqlBackups(database, clock);
    }

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
    public IDamageCatalogue Damage { get; }

    /// <inheritdoc/>
    public IScrubPasses Scrubs { get; }

    /// <inheritdoc/>
    public IChannelMoves? Moves => _database.Dialect.Moves;

    /// <inheritdoc/>
    public IRetentionCatalogue Retention { get; }

    /// <inheritdoc/>
    public ICollectionCatalogue Collection { get; }

    /// <inheritdoc/>
    public IObjectTrash Trash { get; }

    /// <inheritdoc/>
    public IRestoreCatalogue Restores { get; }

    /// <inheritdoc/>
    public IBackupCatalogue Backups { get; }

    /// <inheritdoc/>
    public string Engine => _database.Dialect.Engine;

    /// <summary>Opens a catalogue, creating or migrating its database as needed.</summary>
    /// <param name="dialect">The database.</param>
    /// <param name="clock">The clock of leases and expiries.</param>
    /// <param name="observer">Is told of each transaction; null for nobody.</param>
    /// <exception cref="StoreUnavailableException">The database is damaged, another program's, or a newer
    /// program's.</exception>
    public static SqlCatalogue Open(ISqlDialect dialect, TimeProvider clock, ICatalogueObserver? observer = null) =>
        new(SqlDatabase.Open(dialect, observer), clock);

    /// <summary>Looks whether a database can hold a catalogue, and changes nothing.</summary>
    /// <exception cref="StoreUnavailableException">It does not answer, or is another program's or a newer
    /// program's.</exception>
    public static void Check(ISqlDialect dialect)
    {
        ArgumentNullException.ThrowIfNull(dialect);
        try
        {
            using var session = new SqlSession(dialect.OpenReader(), dialect);
            _ = SqlMigrations.ReadVersion(session);
        }
        catch (DbException e)
        {
            throw dialect.ToOpenFailure(e);
        }
    }

    /// <inheritdoc/>
    public Task CopyToAsync(ICatalogue copy, CancellationToken cancellationToken = default) =>
        CatalogueCopy.RunAsync(_database.Dialect, ((SqlCatalogue)copy)._database.Dialect, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Guid?> FindIdAsync(CancellationToken cancellationToken = default) =>
        _database.ReadAsync(FindId, cancellationToken);

    /// <inheritdoc/>
    public Task<Guid> EnsureIdAsync(Guid proposed, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(
            session =>
            {
                if (FindId(session) is { } id) return id;
                _ = session["INSERT INTO catalogue_identity (id) VALUES ($1)"].Bind(1, proposed).Run();
                return proposed;
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Guid? FindId(SqlSession session) =>
        session["SELECT id FROM catalogue_identity"].FirstValue(row => row.Guid(0));
}
