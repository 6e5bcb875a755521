using System.Data.Common;

namespace ChunkOta.Storage.Sql;

/// <summary>The current row of a reader; its columns are numbered from 0.</summary>
internal readonly struct SqlRow(DbDataReader reader)
{
    internal bool IsNull(int column) => reader.IsDBNull(column);

    internal long Long(int column) => reader.GetInt64(column);

    internal int Int(int column) => checked((int)Long(column));

    internal bool Flag(int column) => Long(column) != 0;

    internal string Text(int column) => reader.GetString(column);

    internal string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    internal byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);

    internal Chunking.Digest Digest(int column) => Chunking.Digest.FromBytes(Bytes(column));

    internal Chunking.Digest? DigestOrNull(int column) => IsNull(column) ? null : Digest(column);

    internal Guid Guid(int column) => new(Bytes(column));

    internal DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeSeconds(Long(column));

    internal DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);
}
