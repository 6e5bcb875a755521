using System.Data;
using System.Data.Common;
using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>A prepared statement that is used again and again; its parameters are numbered from 1.</summary>
/// <remarks>Belongs to one session, so to one thread at a time. No reader is open between two calls.</remarks>
internal sealed class SqlStatement(DbCommand command, ISqlDialect dialect) : IDisposable
{
    /// <summary>Statements in one round trip: their answers fit in the buffers of both ends.</summary>
    private const int BatchSize = 250;

    internal SqlStatement Bind(int parameter, long value) => Bind(parameter, DbType.Int64, value);

    /// <summary>Binds a text. No stored text has the character NUL, which not every engine can compare.</summary>
    internal SqlStatement Bind(int parameter, string? value) =>
        Bind(parameter, DbType.String, value?.Replace('\0', '\ufffd'));

    internal SqlStatement Bind(int parameter, byte[] value) => Bind(parameter, DbType.Binary, value);

    internal SqlStatement Bind(int parameter, ReadOnlyMemory<byte> value) => Bind(parameter, value.ToArray());

    internal SqlStatement Bind(int parameter, Digest value) => Bind(parameter, ToBytes(value));

    internal SqlStatement Bind(int parameter, Digest? value) =>
        Bind(parameter, DbType.Binary, value is { } digest ? ToBytes(digest) : null);

    internal SqlStatement Bind(int parameter, Guid value) => Bind(parameter, value.ToByteArray());

    internal SqlStatement Bind(int parameter, DateTimeOffset value) => Bind(parameter, value.ToUnixTimeSeconds());

    internal SqlStatement Bind(int parameter, DateTimeOffset? value) =>
        Bind(parameter, DbType.Int64, value?.ToUnixTimeSeconds());

    internal SqlStatement Bind(int parameter, bool value) => Bind(parameter, value ? 1L : 0L);

    internal SqlStatement Bind(int parameter, long? value) => Bind(parameter, DbType.Int64, value);

    /// <summary>Binds a value as <see cref="Rows"/> reads it.</summary>
    /// <param name="parameter">Its number.</param>
    /// <param name="type">The type of its column.</param>
    /// <param name="value">Null, a <see cref="long"/>, a <see cref="string"/> or bytes.</param>
    internal void BindValue(int parameter, DbType type, object? value) => _ = Bind(parameter, type, value);

    /// <summary>Binds a list to a parameter, and its length to the next one, as <see cref="ISqlDialect.DigestRows"/>
    /// wants them.</summary>
    internal SqlStatement Bind(int parameter, ReadOnlySpan<Digest> digests)
    {
        dialect.SetDigests(Get(parameter), digests);
        return Bind(parameter + 1, digests.Length);
    }

    /// <summary>Runs a statement that returns no rows.</summary>
    /// <returns>The number of rows that it changed.</returns>
    internal int Run() => command.ExecuteNonQuery();

    /// <summary>Runs a statement that returns no rows once for each item, many in one round trip where the driver
    /// can.</summary>
    /// <param name="items">The items.</param>
    /// <param name="bind">Binds the parameters for an item.</param>
    /// <returns>The number of rows that it changed for each item.</returns>
    internal List<int> RunEach<T>(IEnumerable<T> items, Action<SqlStatement, T> bind)
    {
        List<int> changed = [];
        if (command.Connection is not { CanCreateBatch: true } connection)
        {
            foreach (var item in items)
            {
                bind(this, item);
                changed.Add(Run());
            }

            return changed;
        }

        foreach (var some in items.Chunk(BatchSize))
        {
            using var batch = connection.CreateBatch();
            foreach (var item in some)
            {
                bind(this, item);
                batch.BatchCommands.Add(CopyFor(batch));
            }

            _ = batch.ExecuteNonQuery();
            changed.AddRange(batch.BatchCommands.Select(one => one.RecordsAffected));
        }

        return changed;
    }

    /// <summary>True when there is a row.</summary>
    internal bool Any()
    {
        using var reader = command.ExecuteReader();
        return reader.Read();
    }

    /// <summary>Reads the first row; null when there is none.</summary>
    internal T? First<T>(Func<SqlRow, T> read)
        where T : class
    {
        using var reader = command.ExecuteReader();
        return reader.Read() ? read(new SqlRow(reader)) : null;
    }

    /// <summary>Reads the first row as a value; null when there is none.</summary>
    internal T? FirstValue<T>(Func<SqlRow, T> read)
        where T : struct
    {
        using var reader = command.ExecuteReader();
        return reader.Read() ? read(new SqlRow(reader)) : null;
    }

    /// <summary>Reads all rows.</summary>
    internal List<T> List<T>(Func<SqlRow, T> read)
    {
        List<T> list = [];
        ForEach(row => list.Add(read(row)));
        return list;
    }

    /// <summary>Hands over one row after another.</summary>
    internal void ForEach(Action<SqlRow> read)
    {
        using var reader = command.ExecuteReader();
        while (reader.Read())
            read(new SqlRow(reader));
    }

    /// <summary>Reads row by row, of any number of rows. The statement has no other use before the end.</summary>
    /// <returns>The values of each row: null, a <see cref="long"/>, a <see cref="string"/> or bytes.</returns>
    internal IEnumerable<object?[]> Rows()
    {
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var values = new object?[reader.FieldCount];
            for (var i = 0; i < values.Length; i++)
                values[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            yield return values;
        }
    }

    public void Dispose() => command.Dispose();

    private SqlStatement Bind(int parameter, DbType type, object? value)
    {
        var bound = Get(parameter);
        bound.DbType = type;
        bound.Value = value ?? DBNull.Value;
        return this;
    }

    private DbParameter Get(int parameter)
    {
        var parameters = command.Parameters;
        while (parameters.Count < parameter)
        {
            var added = command.CreateParameter();
            added.ParameterName = dialect.NameOfParameter(parameters.Count + 1);
            _ = parameters.Add(added);
        }

        return parameters[parameter - 1];
    }

    private DbBatchCommand CopyFor(DbBatch batch)
    {
        var copy = batch.CreateBatchCommand();
        copy.CommandText = command.CommandText;
        foreach (DbParameter parameter in command.Parameters)
        {
            var added = copy.CreateParameter();
            added.ParameterName = parameter.ParameterName;
            added.DbType = parameter.DbType;
            added.Value = parameter.Value;
            _ = copy.Parameters.Add(added);
        }

        return copy;
    }

    private static byte[] ToBytes(Digest digest)
    {
        var bytes = new byte[Digest.Size];
        digest.CopyTo(bytes);
        return bytes;
    }
}
