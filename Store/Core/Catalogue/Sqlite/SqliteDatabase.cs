using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ChunkOta.Storage;

/// <summary>One SQLite file in WAL mode: one connection that writes and checkpoints, a few that read.</summary>
/// <remarks>
/// Exactly one writer in the process, and by <see cref="DataFolder"/> on the machine. SQLite is synchronous, so a call
/// runs on its caller's thread; the number of readers bounds how many threads may wait for the disk.
/// </remarks>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly SqliteSession _writer;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentStack<SqliteSession> _idleReaders = [];
    private readonly SemaphoreSlim _reading;
    private readonly string _path;

    private SqliteDatabase(string path, SqliteSession writer, int readers)
    {
        _path = path;
        _writer = writer;
        _reading = new SemaphoreSlim(readers);
    }

    /// <summary>Opens the file, creating or migrating it as needed.</summary>
    /// <exception cref="StoreUnavailableException">It is damaged, no catalogue, or of a newer program.</exception>
    internal static SqliteDatabase Open(string path, int readers)
    {
        _ = SqliteLibrary.Version;
        try
        {
            var writer = SqliteSession.Open(path, isWriter: true);
            try
            {
                writer.Run(
                    """
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    PRAGMA foreign_keys = ON;
                    PRAGMA cache_size = -16384;
                    PRAGMA journal_size_limit = 67108864;
                    """);
                SqliteMigrations.Apply(writer, path);
                return new SqliteDatabase(path, writer, readers);
            }
            catch
            {
                writer.Dispose();
                throw;
            }
        }
        catch (SqliteException e)
        {
            throw CannotOpen(e, path);
        }
    }

    /// <summary>Runs work in one transaction that is durable when the call returns, or has never been.</summary>
    internal async Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return Transact(_writer, "BEGIN IMMEDIATE", work);
        }
        catch (SqliteException e)
        {
            throw Failed(e);
        }
        finally
        {
            _ = _writing.Release();
        }
    }

    /// <summary>Runs work that only reads, all of it on one snapshot.</summary>
    internal async ValueTask<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        SqliteSession? reader = null;
        try
        {
            reader = _idleReaders.TryPop(out var idle) ? idle : OpenReader();
            return Transact(reader, "BEGIN", work);
        }
        catch (SqliteException e)
        {
            throw Failed(e);
        }
        finally
        {
            if (reader is not null)
                _idleReaders.Push(reader);
            _ = _reading.Release();
        }
    }

    /// <summary>Closes the readers, then the writer, which writes the last checkpoint.</summary>
    public void Dispose()
    {
        while (_idleReaders.TryPop(out var reader))
            reader.Dispose();
        _writer.Dispose();
        _writing.Dispose();
        _reading.Dispose();
    }

    private static T Transact<T>(SqliteSession session, string begin, Func<SqliteSession, T> work)
    {
        _ = session[begin].Run();
        try
        {
            var answer = work(session);
            session.ResetAll();
            _ = session["COMMIT"].Run();
            return answer;
        }
        catch
        {
            session.ResetAll();
            // A full disk may have rolled back already; asking again is then an error of no interest.
            if (session.IsInTransaction)
                _ = session["ROLLBACK"].Run();
            throw;
        }
    }

    /// <summary>A failure while the server starts: its operator is the caller.</summary>
    private static StoreFailedException CannotOpen(SqliteException e, string path) => e.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => StoreFullException.Of(path, e),
        raw.SQLITE_NOTADB => new StoreUnavailableException(
            $"{path} is not a catalogue: restore it from a backup, or choose another data folder", e),
        _ => new StoreUnavailableException($"cannot open the catalogue {path}: {e.Message}", e),
    };

    /// <summary>A failure while the server runs: only its log may name the path.</summary>
    private StoreFailedException Failed(SqliteException e) => e.SqliteErrorCode == raw.SQLITE_FULL
        ? StoreFullException.Of(_path, e)
        : new StoreUnavailableException(
            "the server's catalogue failed: ask its operator to read the server's log",
            e)
        {
            OperatorDetail = $"the catalogue {_path} failed: {e.Message}",
        };

    private SqliteSession OpenReader()
    {
        var reader = SqliteSession.Open(_path, isWriter: false);
        reader.Run("PRAGMA cache_size = -4096; PRAGMA wal_autocheckpoint = 0;");
        return reader;
    }
}
