using System.Data.Common;
using ChunkOta.Storage.Sql;

namespace ChunkOta.Storage.Postgres;

/// <summary>The catalogue of any number of servers in one PostgreSQL database.</summary>
public static class PostgresCatalogue
{
    /// <summary>The most connections of a server: those that read, those that write, and the one that
    /// listens.</summary>
    public const int MaxConnections = PostgresDialect.Readers + PostgresDialect.Writers + 1;

    /// <summary>Opens a catalogue, creating or migrating its tables as needed.</summary>
    /// <param name="database">The database.</param>
    /// <param name="clock">The clock of leases and expiries.</param>
    /// <param name="observer">Is told of each transaction; null for nobody.</param>
    /// <exception cref="StoreUnavailableException">The database does not answer, or is another program's or a newer
    /// program's.</exception>
    public static ICatalogue Open(
        PostgresDatabase database, TimeProvider clock, ICatalogueObserver? observer = null) =>
        SqlCatalogue.Open(new PostgresDialect(database), clock, observer);

    /// <summary>The tables of a database that the caller holds by a <see cref="PostgresHold"/>, whether they are there
    /// or not.</summary>
    public static ISqlDialect DatabaseOf(PostgresDatabase database) => new PostgresDialect(database, isHeld: true);

    /// <summary>Marks a catalogue as incomplete: it cannot be opened until <see cref="CompleteRebuild"/>.</summary>
    /// <exception cref="StoreUnavailableException">The database does not answer.</exception>
    public static void BeginRebuild(PostgresDatabase database) =>
        Run(database, $"CREATE TABLE {PostgresDialect.RebuildTable} (since TIMESTAMPTZ NOT NULL DEFAULT now())");

    /// <summary>Marks a catalogue as complete.</summary>
    /// <exception cref="StoreUnavailableException">The database does not answer.</exception>
    public static void CompleteRebuild(PostgresDatabase database) =>
        Run(database, $"DROP TABLE {PostgresDialect.RebuildTable}");

    /// <summary>Connects to a database and looks whether it can hold a catalogue; changes nothing.</summary>
    /// <exception cref="StoreUnavailableException">As for <see cref="Open"/>.</exception>
    public static void Check(PostgresDatabase database) => SqlCatalogue.Check(new PostgresDialect(database));

    private static void Run(PostgresDatabase database, string statement)
    {
        ArgumentNullException.ThrowIfNull(database);
        try
        {
            using var connection = database.Open();
            using var command = connection.CreateCommand();
            command.CommandText = statement;
            _ = command.ExecuteNonQuery();
        }
        catch (DbException e)
        {
            throw database.ToFailure(e);
        }
    }
}
