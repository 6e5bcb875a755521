using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace ChunkOta.Perf.Catalogues;

/// <summary>Fills the tables of a catalogue that nobody has open, in bulk: without this a hundred million rows take a
/// day.</summary>
/// <remarks>Rows are inserted in the order of their numbers, so hashes come in random order, as in a real catalogue,
/// and indexes are as full as there.</remarks>
internal sealed class BulkRows : IDisposable
{
    private const int AtOnce = 1_000_000;

    private readonly DbConnection _connection;
    private readonly bool _isSqlite;

    private BulkRows(DbConnection connection, bool isSqlite) => (_connection, _isSqlite) = (connection, isSqlite);

    /// <summary>Opens an SQLite file without durability.</summary>
    public static BulkRows OfSqlite(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        connection.CreateFunction("chunk_hash", (long number) => ChunkNumbers.HashOf(number).ToArray(), true);
        var rows = new BulkRows(connection, isSqlite: true);
        rows.Run(
            """
            PRAGMA journal_mode = DELETE;
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            PRAGMA locking_mode = EXCLUSIVE;
            PRAGMA cache_size = -6000000;
            """);
        return rows;
    }

    /// <summary>Connects to a PostgreSQL database.</summary>
    public static BulkRows OfPostgres(string connectionString)
    {
        var connection = new NpgsqlConnection($"{connectionString};Pooling=False;Command Timeout=0");
        connection.Open();
        return new BulkRows(connection, isSqlite: false);
    }

    /// <summary>Adds chunks, their packs and the claims of product 1 on all but garbage.</summary>
    /// <param name="from">The first number.</param>
    /// <param name="to">The last number.</param>
    /// <param name="release">The number of the release that has them.</param>
    public void AddChunks(long from, long to, long release)
    {
        for (var first = from; first <= to; first += AtOnce)
            AddChunksAtOnce(first, Math.Min(to, first + AtOnce - 1), release);
    }

    /// <summary>Runs statements with values in place of $1, $2 and so on.</summary>
    public void Run(string sql, params object[] values)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (index, value) in values.Index())
        {
            var parameter = command.CreateParameter();
            if (_isSqlite) parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"${index + 1}");
            parameter.Value = value;
            _ = command.Parameters.Add(parameter);
        }

        _ = command.ExecuteNonQuery();
    }

    /// <summary>Reads one number.</summary>
    public long Read(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>Bytes of the whole database.</summary>
    public long ReadBytes() => Read(_isSqlite
        ? "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        : "SELECT pg_database_size(current_database())");

    /// <summary>Brings the statistics of the engine up to date, as a running one does by itself.</summary>
    public void Finish()
    {
        if (!_isSqlite) Run("VACUUM ANALYZE");
    }

    public void Dispose() => _connection.Dispose();

    private void AddChunksAtOnce(long first, long last, long release)
    {
        const int frames = ChunkNumbers.InPack / ChunkNumbers.InFrame;
        const int packBytes = ChunkNumbers.InPack * ChunkNumbers.StoredBytes;
        var hash = _isSqlite ? "chunk_hash(i)" : "sha256(int8send(i))";
        var publish = _isSqlite ? "zeroblob(16)" : "decode(repeat('00', 16), 'hex')";
        var numbers = _isSqlite
            ? $"(WITH RECURSIVE n (i) AS (SELECT {{0}} UNION ALL SELECT i + 1 FROM n WHERE i < {{1}}) SELECT i FROM n)"
            : "(SELECT i FROM generate_series(CAST({0} AS bigint), {1}) AS g (i))";
        string Numbers(long from, long to) => string.Format(CultureInfo.InvariantCulture, numbers, from, to) + " AS s";
        var (firstPack, lastPack) = ((first - 1) / ChunkNumbers.InPack + 1, (last - 1) / ChunkNumbers.InPack + 1);

        Run(FormattableString.Invariant(
            $"""
            INSERT INTO packs (id, digest, stored_bytes, chunks, plain_bytes, publish, added, frame_bytes, live_bytes)
            SELECT i, {hash.Replace("i)", "-i)", StringComparison.Ordinal)}, {packBytes}, {ChunkNumbers.InPack},
              {ChunkNumbers.InPack * (long)ChunkNumbers.PlainBytes}, {publish}, 0, {packBytes}, {packBytes}
            FROM {Numbers(firstPack, lastPack)} WHERE i > (SELECT coalesce(max(id), 0) FROM packs)
            """));
        Run(FormattableString.Invariant(
            $"""
            INSERT INTO chunks (id, hash, pack_id, frame_offset, frame_stored_bytes, frame_plain_bytes, plain_offset,
              plain_bytes, release_id)
            SELECT i, {hash}, (i - 1) / {ChunkNumbers.InPack} + 1,
              8 + (i - 1) / {ChunkNumbers.InFrame} % {frames} * {ChunkNumbers.InFrame * ChunkNumbers.StoredBytes},
              {ChunkNumbers.InFrame * ChunkNumbers.StoredBytes}, {ChunkNumbers.InFrame * ChunkNumbers.PlainBytes},
              (i - 1) % {ChunkNumbers.InFrame} * {ChunkNumbers.PlainBytes}, {ChunkNumbers.PlainBytes}, {release}
            FROM {Numbers(first, last)}
            """));
        Run(FormattableString.Invariant(
            $"""
            INSERT INTO product_chunks (chunk_id, product_id)
            SELECT i, 1 FROM {Numbers(first, last)} WHERE i % {ChunkNumbers.GarbageEvery} <> 0
            """));
    }
}
