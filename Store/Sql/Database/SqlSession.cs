using System.Data;
using System.Data.Common;

namespace ChunkOta.Storage.Sql;

/// <summary>One connection with its prepared statements. One caller at a time.</summary>
internal sealed class SqlSession(DbConnection connection, ISqlDialect dialect) : IDisposable
{
    private readonly Dictionary<string, SqlStatement> _statements = [];

    /// <summary>The dialect of the engine.</summary>
    internal ISqlDialect Dialect => dialect;

    /// <summary>True when the connection is lost: the session is of no more use.</summary>
    internal bool IsLost => connection.State != ConnectionState.Open;

    /// <summary>The statement of a text, prepared on its first use.</summary>
    internal SqlStatement this[string sql]
    {
        get
        {
            if (!_statements.TryGetValue(sql, out var statement))
            {
                var command = connection.CreateCommand();
                command.CommandText = sql;
                statement = new SqlStatement(command, dialect);
                _statements.Add(sql, statement);
            }

            return statement;
        }
    }

    /// <summary>Begins a transaction.</summary>
    /// <param name="begin">The statements that begin it.</param>
    internal void Begin(string begin)
    {
        try
        {
            _ = this[begin].Run();
        }
        catch
        {
            Rollback();
            throw;
        }
    }

    /// <summary>Runs work in the transaction that has begun, and commits; it is rolled back when the work
    /// throws.</summary>
    internal T Complete<T>(Func<SqlSession, T> work)
    {
        try
        {
            var answer = work(this);
            _ = this["COMMIT"].Run();
            return answer;
        }
        catch
        {
            Rollback();
            throw;
        }
    }

    /// <summary>Runs a script of statements without parameters, without the driver's time limit: a migration of a
    /// large table takes longer than any call.</summary>
    internal void RunScript(string script)
    {
        using var command = connection.CreateCommand();
        command.CommandText = script;
        command.CommandTimeout = 0;
        _ = command.ExecuteNonQuery();
    }

    /// <summary>The version of the database's schema.</summary>
    internal int ReadSchemaVersion() => dialect.ReadSchemaVersion(connection);

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        connection.Dispose();
    }

    private void Rollback()
    {
        if (IsLost)
            return;
        try
        {
            _ = this["ROLLBACK"].Run();
        }
        catch (DbException)
        {
            // A full disk may have rolled the transaction back already.
        }
    }
}
