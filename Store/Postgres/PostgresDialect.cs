using System.Data;
using System.Data.Common;
using System.Globalization;
using ChunkOta.Chunking;
using ChunkOta.Storage.Sql;
using Npgsql;

namespace ChunkOta.Storage.Postgres;

/// <summary>One PostgreSQL database, which any number of servers use.</summary>
/// <remarks>
/// Transactions that write are READ COMMITTED under an advisory lock of the database: exclusive for those that rules
/// decide on, shared for those that only add rows (docs/adr/0037). Nothing is ever decided on what another transaction
/// may change meanwhile, so none has to be undone for it.
/// </remarks>
/// <param name="database">Its address.</param>
/// <param name="isHeld">True for the process that has a <see cref="PostgresHold"/>; every connection of another process
/// keeps holds away.</param>
internal sealed class PostgresDialect(PostgresDatabase database, bool isHeld = false) : ISqlDialect
{
    /// <summary>The most connections that read at once.</summary>
    public const int Readers = 16;

    /// <summary>The most connections that write at once.</summary>
    public const int Writers = 8;

    /// <summary>The table that is there while a catalogue is being rebuilt.</summary>
    public const string RebuildTable = "chunkota_rebuilding";

    /// <summary>The advisory lock of all catalogues' writes: "COTA".</summary>
    private const string Lock = "1129272385";

    /// <summary>Counts the relations of the schema that the session creates its tables in, without those of extensions,
    /// and among them the catalogue's own table of its version, and the one of a rebuild.</summary>
    private const string CountRelations =
        $"""
        SELECT count(*), count(*) FILTER (WHERE c.relname = 'chunkota_schema'),
          count(*) FILTER (WHERE c.relname = '{RebuildTable}') FROM pg_class c
        WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
          AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
        """;

    private const string ListAllColumns =
        """
        SELECT c.relname, a.attname,
          CASE format_type(a.atttypid, a.atttypmod) WHEN 'bigint' THEN 'INTEGER' WHEN 'text' THEN 'TEXT'
            WHEN 'bytea' THEN 'BLOB' ELSE format_type(a.atttypid, a.atttypmod) END
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
          AND c.relkind IN ('r', 'p') AND c.relname <> 'chunkota_schema'
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
        """;

    private const string ListAllReferences =
        """
        SELECT DISTINCT c.relname, p.relname FROM pg_constraint k
          JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
        WHERE k.contype = 'f'
          AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        """;

    private readonly PostgresMoves _moves = new(database);
    private string _engine = "PostgreSQL";

    public string Engine => _engine;

    public string Database => database.Name;

    public int MaxReaders => Readers;

    public int MaxWriters => Writers;

    public IChannelMoves? Moves => _moves;

    public string TellMoved => _moves.Tell;

    public string BeginRead => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    public string LockRows => " FOR UPDATE";

    public string LockFreeRows => " FOR UPDATE SKIP LOCKED";

    public string ListColumns => ListAllColumns;

    public string ListReferences => ListAllReferences;

    public string Unhurried =>
        "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

    public string ResumeNumbers(string table) =>
        $"""
         SELECT setval(
           pg_get_serial_sequence('"{table}"', 'id'), coalesce((SELECT max(id) FROM "{table}"), 0) + 1, false)
         """;

    public string BeginWrite(WriteScope scope) => scope switch
    {
        WriteScope.Alone => $"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({Lock})",
        WriteScope.Shared => $"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock_shared({Lock})",
        _ => "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = off",
    };

    public DbConnection OpenWriter() => Open();

    public DbConnection OpenReader() => Open();

    public int ReadSchemaVersion(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = CountRelations;
        using (var reader = command.ExecuteReader())
        {
            _ = reader.Read();
            if (reader.GetInt64(0) == 0)
                return 0;
            if (reader.GetInt64(1) == 0)
            {
                throw new StoreUnavailableException(
                    $"{Database} is another program's database: create one for the catalogue alone");
            }

            if (reader.GetInt64(2) > 0)
            {
                throw new StoreUnavailableException(
                    $"the catalogue in {Database} is incomplete: ota-server reindex is rebuilding it, or was "
                    + "interrupted: wait for its end, or create the database anew and run ota-server reindex again");
            }
        }

        command.CommandText = "SELECT version FROM chunkota_schema";
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    public string ToMigration(string script, int version) => PostgresMigration.Translate(script, version);

    /// <summary>The driver numbers parameters without names.</summary>
    public string NameOfParameter(int number) => "";

    public string DigestRows(int list, int count) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
         (SELECT n.i::bigint AS i, substr(${list}, n.i * {Digest.Size} + 1, {Digest.Size}) AS digest
         FROM generate_series(0, ${count}::int - 1) AS n (i))
         """);

    public void SetDigests(DbParameter parameter, ReadOnlySpan<Digest> digests)
    {
        var bytes = new byte[digests.Length * Digest.Size];
        for (var i = 0; i < digests.Length; i++)
            digests[i].CopyTo(bytes.AsSpan(i * Digest.Size));
        parameter.DbType = DbType.Binary;
        parameter.Value = bytes;
    }

    public bool IsConflict(DbException failure) =>
        CodeOf(failure) is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected;

    /// <summary>A quick check finds nothing: PostgreSQL has none.</summary>
    public string? CheckIntegrity(DbConnection connection, bool isFull, CancellationToken cancellationToken) =>
        isFull ? PostgresCheck.Run((NpgsqlConnection)connection, cancellationToken) : null;

    public StoreFailedException ToOpenFailure(DbException failure) => new StoreUnavailableException(
        $"cannot open the catalogue {Database}: {PostgresDatabase.Describe(failure)}", failure);

    public StoreFailedException ToCallFailure(DbException failure) => CodeOf(failure) switch
    {
        PostgresErrorCodes.DiskFull => new StoreFullException(failure)
        {
            OperatorDetail = $"the disk of PostgreSQL at {Database} is full: free space there",
        },
        _ => database.ToFailure(failure),
    };

    private NpgsqlConnection Open()
    {
        var connection = database.Open();
        if (!isHeld) PostgresHold.Share(connection, database);
        _engine = $"PostgreSQL {connection.PostgreSqlVersion.ToString(2)}";
        return connection;
    }

    private static string CodeOf(DbException failure) => (failure as PostgresException)?.SqlState ?? "";
}
