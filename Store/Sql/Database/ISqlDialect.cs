using System.Data.Common;
using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Everything that one database engine does differently from another. One database each; any number of callers
/// at once.</summary>
/// <remarks>
/// The statements of this project use parameters named <c>$1</c>, <c>$2</c> and so on, <c>ON CONFLICT</c> and
/// <c>RETURNING</c>, integers of 64 bits, texts and byte strings, and one open reader a connection.
/// </remarks>
public interface ISqlDialect
{
    /// <summary>The engine and its version, such as <c>SQLite 3.53.3</c>; known when a connection was opened.</summary>
    string Engine { get; }

    /// <summary>The path or the address of the database, for its operator.</summary>
    string Database { get; }

    /// <summary>The most connections that read at once.</summary>
    int MaxReaders { get; }

    /// <summary>The most connections that write at once.</summary>
    int MaxWriters { get; }

    /// <summary>The statement that begins a transaction that only reads, all of it on one snapshot.</summary>
    string BeginRead { get; }

    /// <summary>Receives the moves that <see cref="TellMoved"/> announces; null where one server has the
    /// database.</summary>
    IChannelMoves? Moves { get; }

    /// <summary>The query that tells the other servers, once its transaction commits, that a channel of the product
    /// <c>$1</c> has moved; empty where there are none.</summary>
    string TellMoved { get; }

    /// <summary>Ends a query for rows that this transaction will change: it waits for others that do. Empty where there
    /// is one writer.</summary>
    string LockRows { get; }

    /// <summary>Ends a query for rows that this transaction will change: it passes over those that others change. Empty
    /// where there is one writer.</summary>
    string LockFreeRows { get; }

    /// <summary>The statements that begin a transaction that writes.</summary>
    string BeginWrite(WriteScope scope);

    /// <summary>Opens a connection that writes, creating the database as needed.</summary>
    DbConnection OpenWriter();

    /// <summary>Opens a connection that only reads.</summary>
    DbConnection OpenReader();

    /// <summary>The query for all columns of all tables: table, column and type, which is INTEGER, TEXT or
    /// BLOB.</summary>
    string ListColumns { get; }

    /// <summary>The query for all references between tables: the table that refers, and the one that it refers
    /// to.</summary>
    string ListReferences { get; }

    /// <summary>The statements that lift the time limits of this transaction; empty for an engine without
    /// limits.</summary>
    string Unhurried { get; }

    /// <summary>The statement after which the database gives out numbers beyond those of the column <c>id</c> of a
    /// table; empty where it does so by itself.</summary>
    string ResumeNumbers(string table);

    /// <summary>The version of the schema; 0 for an empty database.</summary>
    /// <exception cref="StoreUnavailableException">The database belongs to another program.</exception>
    int ReadSchemaVersion(DbConnection connection);

    /// <summary>A migration in the engine's own dialect, ending with the statements that record its version.</summary>
    /// <param name="script">The statements of the migration.</param>
    /// <param name="version">The version of the schema after it.</param>
    string ToMigration(string script, int version);

    /// <summary>The name that the driver wants for the parameter that statements call <c>$1</c>, <c>$2</c> and so
    /// on.</summary>
    string NameOfParameter(int number);

    /// <summary>A subquery that turns a list of digests into rows (<c>i</c>, <c>digest</c>), with <c>i</c> from 0 and
    /// in no order.</summary>
    /// <param name="list">The number of the parameter that <see cref="SetDigests"/> filled.</param>
    /// <param name="count">The number of the parameter that holds the number of digests.</param>
    string DigestRows(int list, int count);

    /// <summary>Fills a parameter with a list of digests, in the memory of its last list where that is large
    /// enough.</summary>
    void SetDigests(DbParameter parameter, ReadOnlySpan<Digest> digests);

    /// <summary>Lets the engine check its own pages. Can be cancelled at any time.</summary>
    /// <param name="connection">One that reads; nobody else uses it meanwhile.</param>
    /// <param name="isFull">Indexes against tables, too.</param>
    /// <returns>What it found, in one line, or empty; null if the engine has no such check.</returns>
    string? CheckIntegrity(DbConnection connection, bool isFull, CancellationToken cancellationToken);

    /// <summary>True for a transaction that was rolled back because of another one: it succeeds when it is run
    /// again.</summary>
    bool IsConflict(DbException failure);

    /// <summary>A failure while the database is opened: its operator is the caller.</summary>
    StoreFailedException ToOpenFailure(DbException failure);

    /// <summary>A failure of a call, told apart for the caller and for the operator.</summary>
    StoreFailedException ToCallFailure(DbException failure);
}
