using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ChunkOta.Storage;

/// <summary>One connection with its prepared statements. One caller at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly sqlite3 _handle;
    private readonly Dictionary<string, SqliteStatement> _statements = [];
    private readonly List<SqliteStatement> _active = [];

    private SqliteSession(SqliteConnection connection)
    {
        _connection = connection;
        _handle = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
    }

    /// <summary>Rows changed by the last statement that ran.</summary>
    internal int Changes => raw.sqlite3_changes(_handle);

    /// <summary>A transaction is open.</summary>
    internal bool IsInTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>The row id that the last insert made.</summary>
    internal long LastId => raw.sqlite3_last_insert_rowid(_handle);

    /// <summary>Opens a database file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="isWriter">May change it, creates it where it is missing, and alone writes checkpoints.</param>
    internal static SqliteSession Open(string path, bool isWriter)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = isWriter ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            return new SqliteSession(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The statement of this text, prepared on its first use.</summary>
    internal SqliteStatement this[string sql]
    {
        get
        {
            if (_statements.TryGetValue(sql, out var known))
                return known;
            Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var prepared));
            var statement = new SqliteStatement(this, prepared);
            _statements.Add(sql, statement);
            return statement;
        }
    }

    /// <summary>Runs a script of statements without parameters.</summary>
    internal void Run(string script) => Check(raw.sqlite3_exec(_handle, script));

    /// <summary>Notes a statement that has begun, to be reset when the work ends.</summary>
    internal void Began(SqliteStatement statement) => _active.Add(statement);

    /// <summary>Lets go of all rows.</summary>
    internal void ResetAll()
    {
        foreach (var statement in _active)
            statement.Reset();
        _active.Clear();
    }

    /// <summary>Throws unless a result is OK.</summary>
    internal void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(result, _handle);
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _connection.Dispose();
    }
}
