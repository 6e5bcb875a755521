using System.Collections.Concurrent;
using System.Data.Common;

namespace ChunkOta.Storage.Sql;

/// <summary>One database: one connection that writes, a few that read.</summary>
/// <remarks>
/// A call runs on its caller's thread: the number of readers bounds how many threads may wait for the database.
/// </remarks>
internal sealed class SqlDatabase : IDisposable
{
    private readonly ISqlDialect _dialect;
    private readonly SqlSession _writer;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentStack<SqlSession> _idleReaders = [];
    private readonly SemaphoreSlim _reading;

    private SqlDatabase(ISqlDialect dialect, SqlSession writer)
    {
        _dialect = dialect;
        _writer = writer;
        _reading = new SemaphoreSlim(dialect.MaxReaders);
    }

    /// <summary>The engine's own words.</summary>
    internal ISqlDialect Dialect => _dialect;

    /// <summary>Opens the database, creating or migrating it as needed.</summary>
    /// <exception cref="StoreUnavailableException">It is damaged, another program's, or a newer program's.</exception>
    internal static SqlDatabase Open(ISqlDialect dialect)
    {
        try
        {
            var writer = new SqlSession(dialect.OpenWriter(), dialect);
            try
            {
                SqlMigrations.Apply(writer);
                return new SqlDatabase(dialect, writer);
            }
            catch
            {
                writer.Dispose();
                throw;
            }
        }
        catch (DbException e)
        {
            throw dialect.ToOpenFailure(e);
        }
    }

    /// <summary>Runs work in one transaction, which is durable when the call returns.</summary>
    internal async Task<T> WriteAsync<T>(Func<SqlSession, T> work, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _writer.Transact(_dialect.BeginWrite, work);
        }
        catch (DbException e)
        {
            throw _dialect.ToCallFailure(e);
        }
        finally
        {
            _ = _writing.Release();
        }
    }

    /// <summary>Runs work in one transaction, which is durable when the call returns.</summary>
    internal Task WriteAsync(Action<SqlSession> work, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
            {
                work(session);
                return true;
            },
            cancellationToken);

    /// <summary>Runs work that only reads, all of it on one snapshot.</summary>
    internal async ValueTask<T> ReadAsync<T>(Func<SqlSession, T> work, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        SqlSession? reader = null;
        try
        {
            reader = _idleReaders.TryPop(out var idle) ? idle : new SqlSession(_dialect.OpenReader(), _dialect);
            return reader.Transact(_dialect.BeginRead, work);
        }
        catch (DbException e)
        {
            throw _dialect.ToCallFailure(e);
        }
        finally
        {
            if (reader is not null)
                _idleReaders.Push(reader);
            _ = _reading.Release();
        }
    }

    /// <summary>Lets the engine check its own pages, on a connection of its own: it may take minutes.</summary>
    /// <returns>What it found, or empty; null if the engine has no such check.</returns>
    internal async ValueTask<string?> CheckIntegrityAsync(bool isFull, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(
                () =>
                {
                    using var connection = _dialect.OpenReader();
                    return _dialect.CheckIntegrity(connection, isFull, cancellationToken);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (DbException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw _dialect.ToCallFailure(e);
        }
    }

    /// <summary>Closes the readers, then the writer, whose end may tidy up the database.</summary>
    public void Dispose()
    {
        while (_idleReaders.TryPop(out var reader))
            reader.Dispose();
        _writer.Dispose();
        _writing.Dispose();
        _reading.Dispose();
    }
}
