namespace ChunkOta.Storage;

/// <summary>Brings a catalogue to the form this program knows: numbered scripts, each in a transaction of its
/// own.</summary>
internal static class SqliteMigrations
{
    /// <summary>"COTA": tells a catalogue from any other SQLite file.</summary>
    private const int ApplicationId = 0x434f_5441;

    /// <summary>The scripts in order; the number of the last is the form this program knows.</summary>
    private static readonly string[] Scripts = ["0001_start.sql", "0002_deltas.sql", "0003_anchors.sql"];

    internal static int Newest => Scripts.Length;

    /// <exception cref="StoreUnavailableException">The file is no catalogue, or a newer program's.</exception>
    internal static void Apply(SqliteSession session, string path)
    {
        var version = Number(session, "PRAGMA user_version");
        var application = Number(session, "PRAGMA application_id");
        if (application != ApplicationId && (application != 0 || version != 0 || HasTables(session)))
            throw new StoreUnavailableException(
                $"{path} is another program's database: give a folder of its own.");
        if (version > Newest)
        {
            throw new StoreUnavailableException(
                $"{path} has form {version}, this program knows {Newest}: use the newer program that wrote it.");
        }
        for (var next = version; next < Newest; next++)
            Apply(session, Read(Scripts[next]), next + 1);
    }

    private static void Apply(SqliteSession session, string script, long version)
    {
        session.Run("BEGIN IMMEDIATE");
        try
        {
            session.Run(script);
            session.Run($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {version}; COMMIT;");
        }
        catch
        {
            if (session.IsInTransaction)
                session.Run("ROLLBACK");
            throw;
        }
    }

    private static bool HasTables(SqliteSession session) => Number(session, "SELECT count(*) FROM sqlite_schema") > 0;

    private static long Number(SqliteSession session, string sql)
    {
        var row = session[sql];
        var number = row.Step() ? row.Long(0) : 0;
        session.ResetAll();
        return number;
    }

    private static string Read(string script)
    {
        using var stream = typeof(SqliteMigrations).Assembly.GetManifestResourceStream(script)
            ?? throw new InvalidOperationException($"The program lacks {script}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
