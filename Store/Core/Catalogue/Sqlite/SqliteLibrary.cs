using System.Runtime.InteropServices;
using ChunkOta.Protos;
using SQLitePCL;

namespace ChunkOta.Storage;

/// <summary>The system's libsqlite3: found once, checked once, never bundled.</summary>
internal static class SqliteLibrary
{
    /// <summary>3.37.0: the first with STRICT tables.</summary>
    private const int OldestVersion = 3_037_000;

    // A type initializer would run at most once as well, but would wrap the clear error in an unclear one.
    private static readonly Lazy<string> Loaded = new(Load);

    /// <summary>The library's version, such as <c>3.40.1</c>; loads it.</summary>
    /// <exception cref="ChunkOtaException"><c>SYSTEM_LIBRARY_MISSING</c>: it is absent or too old.</exception>
    internal static string Version => Loaded.Value;

    private static string Load()
    {
        var provider = typeof(SQLite3Provider_e_sqlite3).Assembly;
        NativeLibrary.SetDllImportResolver(
            provider, (name, _, _) => name == "e_sqlite3" ? NativeLibrary.Load("libsqlite3.so.0") : 0);
        try
        {
            raw.SetProvider(new SQLite3Provider_e_sqlite3());
        }
        catch (DllNotFoundException e)
        {
            throw Missing("is not installed", e);
        }
        var version = raw.sqlite3_libversion().utf8_to_string();
        return raw.sqlite3_libversion_number() >= OldestVersion ? version : throw Missing($"is {version}", null);
    }

    private static ChunkOtaException Missing(string what, Exception? cause) => new(
        ErrorCodes.SystemLibraryMissing,
        $"libsqlite3 {what}; 3.37 or later is needed: apt-get install libsqlite3-0.",
        cause);
}
