using ChunkOta.Storage.Sql;

namespace ChunkOta.Storage.Sqlite;

/// <summary>The catalogue of one server in one SQLite file.</summary>
public static class SqliteCatalogue
{
    /// <summary>The SQLite library's version, such as <c>3.53.3</c>.</summary>
    /// <exception cref="ChunkOtaException"><c>SYSTEM_LIBRARY_MISSING</c>: the library is absent or can lose committed
    /// data.</exception>
    public static string LibraryVersion => SqliteLibrary.Version;

    /// <summary>Opens a catalogue file, creating or migrating it as needed.</summary>
    /// <param name="path">The file; the caller holds the folder's lock, because there must be one writer.</param>
    /// <param name="clock">The clock of leases and expiries.</param>
    /// <param name="observer">Is told of each transaction; null for nobody.</param>
    /// <exception cref="ChunkOtaException"><c>SYSTEM_LIBRARY_MISSING</c>.</exception>
    /// <exception cref="StoreUnavailableException">The file is damaged, another program's, or a newer
    /// program's.</exception>
    public static ICatalogue Open(string path, TimeProvider clock, ICatalogueObserver? observer = null) =>
        SqlCatalogue.Open(DatabaseOf(path), clock, observer);

    /// <summary>A catalogue file, whether it is there or not.</summary>
    /// <param name="path">The file; the caller holds the folder's lock before it writes.</param>
    public static ISqlDialect DatabaseOf(string path) => new SqliteDialect(path);
}
