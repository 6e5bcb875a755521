using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Numerics;
using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Storage.Sql;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ChunkOta.Storage.Sqlite;

/// <summary>One SQLite file in WAL mode: one connection that writes and checkpoints, a few that read.</summary>
/// <param name="path">The file. It has one writer in the process and, by <see cref="DataFolder"/>, on the
/// machine.</param>
internal sealed class SqliteDialect(string path) : ISqlDialect
{
    /// <summary>"COTA": tells a catalogue from any other SQLite file.</summary>
    private const int ApplicationId = 0x434f_5441;

    /// <summary>Seconds to wait for another program that holds the file, such as a shell or a backup.</summary>
    private const int BusySeconds = 5;

    /// <summary>More than the page that did not fit.</summary>
    private const int ProbeBytes = 64 * 1024;

    public string Engine => $"SQLite {SqliteLibrary.Version}";

    public string Database => path;

    public int MaxReaders => Math.Clamp(Environment.ProcessorCount, 2, 8);

    public int MaxWriters => 1;

    public IChannelMoves? Moves => null;

    public string TellMoved => "";

    public string BeginRead => "BEGIN";

    public string LockRows => "";

    public string LockFreeRows => "";

    public string ListColumns =>
        """
        SELECT t.name, c.name, c.type FROM sqlite_schema t, pragma_table_info(t.name) c
        WHERE t.type = 'table' AND t.name NOT GLOB 'sqlite_*'
        """;

    public string ListReferences =>
        """
        SELECT DISTINCT t.name, f."table" FROM sqlite_schema t, pragma_foreign_key_list(t.name) f
        WHERE t.type = 'table'
        """;

    public string Unhurried => "";

    public string BeginWrite(WriteScope scope) => "BEGIN IMMEDIATE";

    public string ResumeNumbers(string table) => "";

    public DbConnection OpenWriter() => Open(
        SqliteOpenMode.ReadWriteCreate,
        """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA cache_size = -16384;
        PRAGMA journal_size_limit = 67108864;
        """);

    public DbConnection OpenReader() => Open(
        SqliteOpenMode.ReadOnly,
        """
        PRAGMA cache_size = -4096;
        PRAGMA wal_autocheckpoint = 0;
        """);

    public int ReadSchemaVersion(DbConnection connection)
    {
        var version = ReadNumber(connection, "PRAGMA user_version");
        var application = ReadNumber(connection, "PRAGMA application_id");
        var isEmpty = application == 0 && version == 0
            && ReadNumber(connection, "SELECT count(*) FROM sqlite_schema") == 0;
        return application == ApplicationId || isEmpty
            ? version
            : throw new StoreUnavailableException(
                $"{path} is another program's database: choose another data folder");
    }

    public string ToMigration(string script, int version) => string.Create(
        CultureInfo.InvariantCulture,
        $"{script}\nPRAGMA application_id = {ApplicationId};\nPRAGMA user_version = {version};\n");

    public string NameOfParameter(int number) => string.Create(CultureInfo.InvariantCulture, $"${number}");

    /// <summary>
    /// SQLite has no lists: the digests are one blob, cut into rows of <see cref="Digest.Size"/> bytes.
    /// </summary>
    public string DigestRows(int list, int count) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
         (WITH RECURSIVE n (i) AS (SELECT 0 WHERE ${count} > 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${count})
         SELECT i, substr(${list}, i * {Digest.Size} + 1, {Digest.Size}) AS digest FROM n)
         """);

    public void SetDigests(DbParameter parameter, ReadOnlySpan<Digest> digests)
    {
        var length = digests.Length * Digest.Size;
        if (parameter.Value is not byte[] bytes || bytes.Length < length)
        {
            bytes = new byte[BitOperations.RoundUpToPowerOf2((uint)length)];
            parameter.DbType = DbType.Binary;
            parameter.Value = bytes;
        }

        for (var i = 0; i < digests.Length; i++)
            digests[i].CopyTo(bytes.AsSpan(i * Digest.Size));
    }

    public string? CheckIntegrity(DbConnection connection, bool isFull, CancellationToken cancellationToken)
    {
        var handle = ((SqliteConnection)connection).Handle;
        using var interrupt = cancellationToken.Register(() => raw.sqlite3_interrupt(handle));
        using var command = connection.CreateCommand();
        command.CommandText = isFull ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)";
        var answer = command.ExecuteScalar() as string;
        return answer == "ok" ? "" : answer?.ReplaceLineEndings(" ") ?? "no answer";
    }

    public bool IsConflict(DbException failure) => false;

    public StoreFailedException ToOpenFailure(DbException failure) => CodeOf(failure) switch
    {
        _ when IsFull(failure) => StoreFullException.Of(path, failure),
        raw.SQLITE_NOTADB => new StoreUnavailableException(
            $"{path} is not a catalogue: restore it from a backup, or choose another data folder", failure),
        _ => new StoreUnavailableException($"cannot open the catalogue {path}: {failure.Message}", failure),
    };

    public StoreFailedException ToCallFailure(DbException failure) => IsFull(failure)
        ? StoreFullException.Of(path, failure)
        : new StoreUnavailableException(
            "the server's catalogue failed: ask its operator to read the server's log", failure)
        {
            OperatorDetail = $"the catalogue {path} failed: {failure.Message}",
        };

    /// <summary>True for a full disk or quota. SQLite tells a full quota as any other I/O error, so a write beside the
    /// file finds out.</summary>
    private bool IsFull(DbException failure)
    {
        var code = CodeOf(failure);
        if (code != raw.SQLITE_IOERR) return code == raw.SQLITE_FULL;
        try
        {
            using var probe = TemporaryFile.Create(Path.GetDirectoryName(Path.GetFullPath(path))!, "probe");
            probe.Append(new byte[ProbeBytes]);
            probe.Sync();
            return false;
        }
        catch (FileSystemException probed)
        {
            return probed.Code == ErrorCodes.DiskFull;
        }
    }

    private static int CodeOf(DbException failure) => (failure as SqliteException)?.SqliteErrorCode ?? 0;

    private static int ReadNumber(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private SqliteConnection Open(SqliteOpenMode mode, string pragmas)
    {
        _ = SqliteLibrary.Version;
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = BusySeconds,
        }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = pragmas;
            _ = command.ExecuteNonQuery();
            // SQLite opens a file that it cannot write without a word, and fails at the first write.
            if (mode != SqliteOpenMode.ReadOnly && raw.sqlite3_db_readonly(connection.Handle, "main") != 0)
                throw new StoreUnavailableException(
                    $"the catalogue cannot be written: {path}: run ota-server as the user who owns it");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
