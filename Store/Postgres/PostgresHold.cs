using System.Data.Common;
using Npgsql;

namespace ChunkOta.Storage.Postgres;

/// <summary>The sole use of a database, without any server: a lock that lasts as long as its connection.</summary>
/// <remarks>Every connection of a server shares the lock for as long as it lives. So a hold begins when no server is
/// connected, and no server can connect before it ends.</remarks>
public sealed class PostgresHold : IDisposable
{
    /// <summary>The advisory lock of all connections: "COTB".</summary>
    private const string Lock = "1129272386";

    private readonly PostgresDatabase _database;
    private readonly NpgsqlConnection _connection;

    private PostgresHold(PostgresDatabase database, NpgsqlConnection connection) =>
        (_database, _connection) = (database, connection);

    /// <summary>Takes the lock.</summary>
    /// <exception cref="ChunkOtaException">IN_USE: a server is connected, or there is another hold.</exception>
    /// <exception cref="StoreUnavailableException">The database does not answer.</exception>
    public static PostgresHold Take(PostgresDatabase database)
    {
        ArgumentNullException.ThrowIfNull(database);
        NpgsqlConnection? connection = null;
        try
        {
            connection = database.Open();
            if (Try(connection, $"SELECT pg_try_advisory_lock({Lock})"))
                return new PostgresHold(database, connection);
        }
        catch (DbException e)
        {
            connection?.Dispose();
            throw new StoreUnavailableException(
                $"cannot open the catalogue {database.Name}: {PostgresDatabase.Describe(e)}", e);
        }

        connection.Dispose();
        throw new ChunkOtaException(
            ErrorCodes.InUse,
            $"a server or another command uses the catalogue {database.Name}: stop all servers of it, or wait for the "
            + "end of the command");
    }

    /// <summary>Makes sure that the lock was not lost.</summary>
    /// <exception cref="StoreUnavailableException">The connection ended: servers may have come back.</exception>
    public void Confirm()
    {
        try
        {
            using var command = new NpgsqlCommand("SELECT 1", _connection);
            _ = command.ExecuteScalar();
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            throw new StoreUnavailableException(
                $"the connection to {_database.Name} was lost: run the command again", e);
        }
    }

    /// <summary>Gives the database back to servers.</summary>
    public void Dispose() => _connection.Dispose();

    /// <summary>Keeps holds away for as long as a connection lives.</summary>
    /// <exception cref="StoreUnavailableException">There is a hold.</exception>
    internal static void Share(NpgsqlConnection connection, PostgresDatabase database)
    {
        try
        {
            if (Try(connection, $"SELECT pg_try_advisory_lock_shared({Lock})")) return;
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        connection.Dispose();
        throw new StoreUnavailableException(
            $"the catalogue {database.Name} is being migrated or restored: wait for the end of ota-server store "
            + "migrate or ota-server restore");
    }

    private static bool Try(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar() is true;
    }
}
