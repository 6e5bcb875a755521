namespace ChunkOta.Storage.Sql;

/// <summary>Brings a database to the newest schema: numbered scripts, each in a transaction of its own.</summary>
internal static class SqlMigrations
{
    /// <summary>The scripts in order; the version of a schema is how many have made it.</summary>
    private static readonly string[] Scripts =
    [
        "0001_start.sql", "0002_deltas.sql", "0003_anchors.sql", "0004_allowances.sql", "0005_build.sql",
        "0006_channels.sql", "0007_causes.sql", "0008_damages.sql", "0009_quotas.sql", "0010_servers.sql",
        "0011_collection.sql", "0012_restores.sql", "0014_identity.sql", "0015_domains.sql", "0016_backups.sql",
    ];

    internal static int Newest => Scripts.Length;

    /// <summary>Brings a database to the newest schema.</summary>
    /// <exception cref="StoreUnavailableException">The database belongs to another program or to a newer
    /// one.</exception>
    internal static void Apply(SqlSession session)
    {
        // Each step reads the version again, alone: another server may have taken it meanwhile.
        while (ReadVersion(session) < Newest)
        {
            session.Begin(session.Dialect.BeginWrite(WriteScope.Alone));
            _ = session.Complete(transaction =>
            {
                var version = ReadVersion(transaction);
                if (version < Newest)
                    transaction.RunScript(transaction.Dialect.ToMigration(Read(Scripts[version]), version + 1));
                return version;
            });
        }
    }

    /// <summary>Gives an empty database the newest schema, in the transaction that has begun.</summary>
    internal static void ApplyAll(SqlSession transaction)
    {
        for (var version = 0; version < Newest; version++)
            transaction.RunScript(transaction.Dialect.ToMigration(Read(Scripts[version]), version + 1));
    }

    /// <summary>The version of a database's schema; 0 for an empty one.</summary>
    /// <exception cref="StoreUnavailableException">The database belongs to another program or to a newer
    /// one.</exception>
    internal static int ReadVersion(SqlSession session)
    {
        var version = session.ReadSchemaVersion();
        return version <= Newest
            ? version
            : throw new StoreUnavailableException(
                $"the catalogue {session.Dialect.Database} has schema {version}, this program knows {Newest}: "
                + "use the newer program that wrote it");
    }

    private static string Read(string script)
    {
        using var stream = typeof(SqlMigrations).Assembly.GetManifestResourceStream(script)
            ?? throw new InvalidOperationException($"the program lacks {script}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
