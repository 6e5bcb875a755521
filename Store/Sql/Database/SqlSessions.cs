using System.Collections.Concurrent;
using System.Data.Common;

namespace ChunkOta.Storage.Sql;

/// <summary>A few connections of one kind, opened when they are needed and kept. Any number of callers at
/// once.</summary>
/// <remarks>A call runs on its caller's thread: the number of connections bounds how many threads may wait for the
/// database.</remarks>
/// <param name="dialect">The dialect of the engine.</param>
/// <param name="most">The most connections.</param>
/// <param name="open">Opens one.</param>
internal sealed class SqlSessions(ISqlDialect dialect, int most, Func<DbConnection> open) : IDisposable
{
    /// <summary>The longest wait for a connection: beyond it the caller is told to try again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly ConcurrentStack<SqlSession> _idle = [];
    private readonly SemaphoreSlim _free = new(most);

    /// <summary>Opens a connection outside any transaction, and keeps it.</summary>
    /// <param name="use">Runs on it once.</param>
    internal void OpenFirst(Action<SqlSession> use)
    {
        var session = new SqlSession(open(), dialect);
        try
        {
            use(session);
            _idle.Push(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs work in one transaction.</summary>
    /// <exception cref="StoreUnavailableException">No connection was free for a long time.</exception>
    internal async ValueTask<T> TransactAsync<T>(
        string begin, Func<SqlSession, T> work, CancellationToken cancellationToken)
    {
        if (!await _free.WaitAsync(LongestWait, cancellationToken).ConfigureAwait(false))
            throw new StoreUnavailableException("the server's catalogue is busy: try again later");
        try
        {
            var session = Begin(begin);
            try
            {
                return session.Complete(work);
            }
            finally
            {
                Keep(session);
            }
        }
        finally
        {
            _ = _free.Release();
        }
    }

    public void Dispose()
    {
        while (_idle.TryPop(out var session))
            session.Dispose();
        _free.Dispose();
    }

    /// <summary>Begins a transaction on a kept connection, or on a new one when the kept ones are lost: a database
    /// that was restarted costs no call.</summary>
    private SqlSession Begin(string begin)
    {
        while (_idle.TryPop(out var kept))
        {
            try
            {
                if (!kept.IsLost)
                {
                    kept.Begin(begin);
                    return kept;
                }
            }
            catch (DbException) when (kept.IsLost)
            {
                // Nothing has happened yet: the next one is tried.
            }
            catch
            {
                Keep(kept);
                throw;
            }

            kept.Dispose();
        }

        var opened = new SqlSession(open(), dialect);
        try
        {
            opened.Begin(begin);
            return opened;
        }
        catch
        {
            Keep(opened);
            throw;
        }
    }

    private void Keep(SqlSession session)
    {
        if (session.IsLost)
            session.Dispose();
        else
            _idle.Push(session);
    }
}
