using Npgsql;

namespace ChunkOta.Storage.Postgres;

/// <summary>Reads a whole catalogue in PostgreSQL, as far as its user may.</summary>
/// <remarks>Every page of every table is read, so that a wrong checksum shows; every reference is followed; and every
/// index is compared with its table if the extension <c>amcheck</c> is there and may be used.</remarks>
internal static class PostgresCheck
{
    private const int Seconds = 3600;

    /// <summary>One transaction, whose statements read tables and not their indexes.</summary>
    private const string Begin =
        """
        BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '1h';
        SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off
        """;

    private const string Tables =
        """
        SELECT c.relname, format('SELECT count(*) FROM %s', c.oid::regclass) FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        """;

    /// <summary>References of one column: the catalogue has no others.</summary>
    private const string References =
        """
        SELECT k.conname, format(
          'SELECT count(*) FROM %s a WHERE a.%I IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s b WHERE b.%I = a.%I)',
          k.conrelid::regclass, f.attname, k.confrelid::regclass, t.attname, f.attname)
        FROM pg_constraint k
        JOIN pg_attribute f ON f.attrelid = k.conrelid AND f.attnum = k.conkey[1]
        JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = k.confkey[1]
        WHERE k.contype = 'f' AND cardinality(k.conkey) = 1
          AND k.connamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        """;

    private const string Indexes =
        """
        SELECT c.relname, format('SELECT %I.bt_index_check(%s::oid::regclass, true)', n.nspname, c.oid)
        FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_am m ON m.oid = c.relam
        JOIN pg_proc p ON p.proname = 'bt_index_check' AND p.pronargs = 2 JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE m.amname = 'btree' AND i.indisvalid AND has_function_privilege(p.oid, 'execute')
          AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        """;

    /// <summary>Reads it.</summary>
    /// <returns>What it found first, or empty.</returns>
    public static string Run(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            _ = Scalar(connection, Begin, cancellationToken);
            foreach (var (_, sql) in List(connection, Tables, cancellationToken))
                _ = Scalar(connection, sql, cancellationToken);
            foreach (var (name, sql) in List(connection, References, cancellationToken))
            {
                if (Scalar(connection, sql, cancellationToken) is long and > 0 and var rows)
                    return $"{rows} rows refer to rows that are not there: {name}";
            }

            foreach (var (_, sql) in List(connection, Indexes, cancellationToken))
                _ = Scalar(connection, sql, cancellationToken);
            return "";
        }
        catch (PostgresException failure) when (failure.SqlState
            is PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted)
        {
            return failure.MessageText;
        }
    }

    private static List<(string Name, string Sql)> List(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = Seconds };
        using var interrupt = cancellationToken.Register(command.Cancel);
        using var reader = command.ExecuteReader();
        List<(string, string)> rows = [];
        while (reader.Read()) rows.Add((reader.GetString(0), reader.GetString(1)));
        return rows;
    }

    private static object? Scalar(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = Seconds };
        using var interrupt = cancellationToken.Register(command.Cancel);
        return command.ExecuteScalar();
    }
}
