using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace ChunkOta.Storage.Postgres;

/// <summary>The address of a PostgreSQL database, and how it is connected to.</summary>
public sealed class PostgresDatabase
{
    private const int ConnectSeconds = 10;

    /// <summary>Longer than the database's own statement timeout, whose error says more.</summary>
    private const int CommandSeconds = 90;

    /// <summary>Timeouts that the database enforces, milliseconds: for a statement, for a lock, and for an idle
    /// transaction.</summary>
    private const string Limits =
        "-c statement_timeout=60000 -c lock_timeout=30000 -c idle_in_transaction_session_timeout=60000";

    private readonly string _connectionString;

    private PostgresDatabase(string connectionString, string name) =>
        (_connectionString, Name) = (connectionString, name);

    /// <summary>Host, port and database, for messages: no password.</summary>
    public string Name { get; }

    /// <summary>Reads a connection string.</summary>
    /// <param name="connectionString">As Npgsql reads it, such as <c>Host=db;Database=chunkota;Username=chunkota</c>;
    /// without a password.</param>
    /// <param name="password">The password; null to leave it to <c>PGPASSWORD</c>, <c>PGPASSFILE</c> or a
    /// certificate.</param>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID: it cannot be read, lacks the host or the database, or has a
    /// password.</exception>
    public static PostgresDatabase Parse(string connectionString, string? password = null)
    {
        var builder = Read(connectionString);
        if (string.IsNullOrEmpty(builder.Host) || string.IsNullOrEmpty(builder.Database))
            throw Invalid("it needs Host and Database");
        if (!string.IsNullOrEmpty(builder.Password))
            throw Invalid("it has a password, which logs would show: put the password into a file of its own");
        var name = string.Create(CultureInfo.InvariantCulture, $"{builder.Host}:{builder.Port}/{builder.Database}");
        builder.Password = password;
        // The server keeps its connections itself, with their prepared statements.
        builder.Pooling = false;
        builder.Enlist = false;
        builder.ApplicationName ??= "ota-server";
        builder.Timeout = ConnectSeconds;
        builder.CommandTimeout = CommandSeconds;
        builder.TcpKeepAlive = true;
        // Kerberos is for those who ask for it: its library may be missing.
        if (builder.GssEncryptionMode == GssEncryptionMode.Prefer)
            builder.GssEncryptionMode = GssEncryptionMode.Disable;
        builder.MaxAutoPrepare = 200;
        builder.AutoPrepareMinUsages = 2;
        builder.Options = string.IsNullOrEmpty(builder.Options) ? Limits : $"{Limits} {builder.Options}";
        return new PostgresDatabase(builder.ToString(), name);
    }

    /// <summary>Connects.</summary>
    internal NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(_connectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch (Exception e)
        {
            connection.Dispose();
            // A name that is not found and a time limit are not the driver's own failures.
            if (e is SocketException or TimeoutException or IOException)
                throw new NpgsqlException(e.Message, e);
            throw;
        }
    }

    /// <summary>Connects.</summary>
    internal async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            if (e is SocketException or TimeoutException or IOException)
                throw new NpgsqlException(e.Message, e);
            throw;
        }
    }

    /// <summary>A failure of a call: its cause is the operator's alone.</summary>
    internal StoreUnavailableException ToFailure(DbException failure) => new(
        "the server's catalogue failed: ask its operator to read the server's log", failure)
    {
        OperatorDetail = $"the catalogue {Name} failed: {Describe(failure)}",
    };

    /// <summary>One line for the operator.</summary>
    internal static string Describe(DbException failure) =>
        failure is PostgresException told ? $"{told.MessageText} ({told.SqlState})"
        : failure.InnerException is { } cause && cause.Message != failure.Message
            ? $"{failure.Message}: {cause.Message}"
        : failure.Message;

    private static NpgsqlConnectionStringBuilder Read(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException
            or KeyNotFoundException or OverflowException)
        {
            throw Invalid(e.Message, e);
        }
    }

    private static ChunkOtaException Invalid(string why, Exception? cause = null) => new(
        ErrorCodes.ConfigInvalid, $"the connection string of PostgreSQL is invalid: {why}", cause);
}
