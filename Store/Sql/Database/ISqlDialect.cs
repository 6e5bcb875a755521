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
    /// <summary>The engine and its version, such as <c>SQLite 3.53.3</c>.</summary>
    string Engine { get; }

    /// <summary>The path or the address of the database, for its operator.</summary>
    string Database { get; }

    /// <summary>The most connections that read at once.</summary>
    int MaxReaders { get; }

    /// <summary>The statement that begins a transaction that only reads, all of it on one snapshot.</summary>
    string BeginRead { get; }

    /// <summary>The statement that begins a transaction that writes, isolated from all others.</summary>
    string BeginWrite { get; }

    /// <summary>Opens the connection that writes, creating the database as needed.</summary>
    DbConnection OpenWriter();

    /// <summary>Opens a connection that only reads.</summary>
    DbConnection OpenReader();

    /// <summary>The version of the schema; 0 for an empty database.</summary>
    /// <exception cref="StoreUnavailableException">The database belongs to another program.</exception>
    int ReadSchemaVersion(DbConnection connection);

    /// <summary>A migration in the engine's own words, ending with the statements that record its version.</summary>
    /// <param name="script">The statements of the migration.</param>
    /// <param name="version">The version of the schema after it.</param>
    string ToMigration(string script, int version);

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

    /// <summary>A failure while the database is opened: its operator is the caller.</summary>
    StoreFailedException ToOpenFailure(DbException failure);

    /// <summary>A failure of a call, told apart for the caller and for the operator.</summary>
    StoreFailedException ToCallFailure(DbException failure);
}
