namespace ChunkOta.Storage.Sql;

/// <summary>Brings a database to the newest schema: numbered scripts, each in a transaction of its own.</summary>
internal static class SqlMigrations
{
    /// <summary>The scripts in order; the number of the last is the version of the newest schema.</summary>
    private static readonly string[] Scripts =
    [
        "0001_start.sql", "0002_deltas.sql", "0003_anchors.sql", "0004_allowances.sql", "0005_build.sql",
        "0006_channels.sql",
        "0007_causes.sql",
        "0008_damages.sql",
        "0009_quotas.sql",
    ];

    internal static int Newest => Scripts.Length;

    /// <exception cref="StoreUnavailableException">The database belongs to another program or to a newer
    /// one.</exception>
    internal static void Apply(SqlSession session)
    {
        var version = session.ReadSchemaVersion();
        if (version > Newest)
        {
            throw new StoreUnavailableException(
                $"the catalogue {session.Dialect.Database} has schema {version}, this program knows {Newest}: "
                + "use the newer program that wrote it");
        }

        for (var next = version + 1; next <= Newest; next++)
        {
            var script = session.Dialect.ToMigration(Read(Scripts[next - 1]), next);
            _ = session.Transact(
                session.Dialect.BeginWrite,
                transaction =>
                {
                    transaction.RunScript(script);
                    return true;
                });
        }
    }

    private static string Read(string script)
    {
        using var stream = typeof(SqlMigrations).Assembly.GetManifestResourceStream(script)
            ?? throw new InvalidOperationException($"the program lacks {script}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
