using System.Data.Common;
using System.Diagnostics;

namespace ChunkOta.Storage.Sql;

/// <summary>One database: a few connections that write, one on some engines, and a few that read.</summary>
internal sealed class SqlDatabase : IDisposable
{
    /// <summary>The most runs of a transaction that others keep rolling back.</summary>
    private const int MaxTries = 8;

    /// <summary>The longest pause before the second try; each further one is twice as long.</summary>
    private const int FirstPauseMilliseconds = 20;

    private readonly ISqlDialect _dialect;
    private readonly ICatalogueObserver? _observer;
    private readonly SqlSessions _writers;
    private readonly SqlSessions _readers;

    private SqlDatabase(ISqlDialect dialect, ICatalogueObserver? observer)
    {
        (_dialect, _observer) = (dialect, observer);
        _writers = new SqlSessions(dialect, dialect.MaxWriters, dialect.OpenWriter);
        _readers = new SqlSessions(dialect, dialect.MaxReaders, dialect.OpenReader);
    }

    /// <summary>The dialect of the engine.</summary>
    internal ISqlDialect Dialect => _dialect;

    /// <summary>Opens the database, creating or migrating it as needed.</summary>
    /// <param name="dialect">The engine's own words.</param>
    /// <param name="observer">Is told of each transaction; null for nobody.</param>
    /// <exception cref="StoreUnavailableException">It is damaged, another program's, or a newer program's.</exception>
    internal static SqlDatabase Open(ISqlDialect dialect, ICatalogueObserver? observer = null)
    {
        var database = new SqlDatabase(dialect, observer);
        try
        {
            database._writers.OpenFirst(SqlMigrations.Apply);
            return database;
        }
        catch (DbException e)
        {
            database.Dispose();
            throw dialect.ToOpenFailure(e);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Runs work in one transaction, which is durable when the call returns.</summary>
    /// <param name="scope">The other writes that it must not meet.</param>
    /// <param name="work">Runs again when another transaction rolled it back.</param>
    internal async Task<T> WriteAsync<T>(
        WriteScope scope, Func<SqlSession, T> work, CancellationToken cancellationToken) =>
        await ObserveAsync(isWrite: true, () => RepeatAsync(scope, work, cancellationToken)).ConfigureAwait(false);

    /// <summary>Runs work in one transaction that no other write meets.</summary>
    internal Task<T> WriteAsync<T>(Func<SqlSession, T> work, CancellationToken cancellationToken) =>
        WriteAsync(WriteScope.Alone, work, cancellationToken);

    /// <summary>Runs work in one transaction, which is durable when the call returns.</summary>
    internal Task WriteAsync(WriteScope scope, Action<SqlSession> work, CancellationToken cancellationToken) =>
        WriteAsync(
            scope,
            session =>
            {
                work(session);
                return true;
            },
            cancellationToken);

    /// <summary>Runs work in one transaction that no other write meets.</summary>
    internal Task WriteAsync(Action<SqlSession> work, CancellationToken cancellationToken) =>
        WriteAsync(WriteScope.Alone, work, cancellationToken);

    /// <summary>Runs work that only reads, all of it on one snapshot.</summary>
    internal ValueTask<T> ReadAsync<T>(Func<SqlSession, T> work, CancellationToken cancellationToken) =>
        ObserveAsync(isWrite: false, () => ReadOnceAsync(work, cancellationToken));

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

    /// <summary>Closes the readers, then the writers, whose end may tidy up the database.</summary>
    public void Dispose()
    {
        _readers.Dispose();
        _writers.Dispose();
    }

    /// <summary>Tells the observer of a transaction. It runs on its caller's thread, so the time begins before
    /// it.</summary>
    private async ValueTask<T> ObserveAsync<T>(bool isWrite, Func<ValueTask<T>> transact)
    {
        if (_observer is null) return await transact().ConfigureAwait(false);
        var started = Stopwatch.GetTimestamp();
        try
        {
            return await transact().ConfigureAwait(false);
        }
        catch (StoreFailedException failure)
        {
            _observer.TransactionFailed(failure.Code);
            throw;
        }
        finally
        {
            _observer.Transacted(isWrite, Stopwatch.GetElapsedTime(started));
        }
    }

    private async ValueTask<T> RepeatAsync<T>(
        WriteScope scope, Func<SqlSession, T> work, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await _writers.TransactAsync(_dialect.BeginWrite(scope), work, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (DbException e) when (tries < MaxTries && _dialect.IsConflict(e))
            {
                // Others go first: after a random pause it does not meet the same one again.
            }
            catch (DbException e)
            {
                throw _dialect.ToCallFailure(e);
            }

            var longest = FirstPauseMilliseconds << (tries - 1);
            await Task.Delay(Random.Shared.Next(1, longest), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<T> ReadOnceAsync<T>(Func<SqlSession, T> work, CancellationToken cancellationToken)
    {
        try
        {
            return await _readers.TransactAsync(_dialect.BeginRead, work, cancellationToken).ConfigureAwait(false);
        }
        catch (DbException e)
        {
            throw _dialect.ToCallFailure(e);
        }
    }
}
