using System.Data;
using System.Data.Common;
using System.Globalization;
using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>A prepared statement that is used again and again; its parameters are numbered from 1.</summary>
/// <remarks>Belongs to one session, so to one thread at a time. No reader is open between two calls.</remarks>
internal sealed class SqlStatement(DbCommand command, ISqlDialect dialect) : IDisposable
{
    internal SqlStatement Bind(int parameter, long value) => Bind(parameter, DbType.Int64, value);

    internal SqlStatement Bind(int parameter, string? value) => Bind(parameter, DbType.String, value);

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
            added.ParameterName = string.Create(CultureInfo.InvariantCulture, $"${parameters.Count + 1}");
            _ = parameters.Add(added);
        }

        return parameters[parameter - 1];
    }

    private static byte[] ToBytes(Digest digest)
    {
        var bytes = new byte[Digest.Size];
        digest.CopyTo(bytes);
        return bytes;
    }
}
