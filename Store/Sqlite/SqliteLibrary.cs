using SQLitePCL;

namespace ChunkOta.Storage.Sqlite;

/// <summary>The SQLite library that the server brings, loaded and checked once.</summary>
internal static class SqliteLibrary
{
    /// <summary>
    /// 3.51.3: the first without the WAL-reset bug, which loses committed pages (sqlite.org/wal.html).
    /// </summary>
    private const int OldestVersion = 3_051_003;

    // A type initializer would run at most once as well, but would wrap the clear error in an unclear one.
    private static readonly Lazy<string> Loaded = new(Load);

    /// <summary>The library's version, such as <c>3.53.3</c>; loads it.</summary>
    /// <exception cref="ChunkOtaException"><c>SYSTEM_LIBRARY_MISSING</c>: it is absent or too old.</exception>
    internal static string Version => Loaded.Value;

    /// <summary>Refuses a version that can lose data.</summary>
    /// <param name="number">As <c>sqlite3_libversion_number</c> gives it: 3,053,003 for 3.53.3.</param>
    /// <param name="text">The same version as text.</param>
    /// <exception cref="ChunkOtaException"><c>SYSTEM_LIBRARY_MISSING</c>: it is too old.</exception>
    internal static void Check(int number, string text)
    {
        if (number < OldestVersion)
            throw Unusable($"SQLite {text} can lose committed data; 3.51.3 or later is needed", null);
    }

    private static string Load()
    {
        try
        {
            Batteries_V2.Init();
        }
        catch (DllNotFoundException e)
        {
            throw Unusable("SQLite (libe_sqlite3) is missing", e);
        }

        var version = raw.sqlite3_libversion().utf8_to_string();
        Check(raw.sqlite3_libversion_number(), version);
        return version;
    }

    private static ChunkOtaException Unusable(string what, Exception? cause) => new(
        ErrorCodes.SystemLibraryMissing, $"{what}: reinstall ota-server, which brings its own", cause);
}
