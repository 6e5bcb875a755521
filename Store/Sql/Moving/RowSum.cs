using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Counts rows and sums their digests.</summary>
internal sealed class RowSum
{
    private readonly ArrayBufferWriter<byte> _row = new();
    private readonly ulong[] _sum = new ulong[Digest.Size / sizeof(ulong)];

    /// <summary>The rows so far.</summary>
    internal long Rows { get; private set; }

    /// <summary>Adds a row.</summary>
    /// <param name="values">As <see cref="SqlStatement.Rows"/> reads them.</param>
    internal void Add(object?[] values)
    {
        _row.ResetWrittenCount();
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        foreach (var value in values)
        {
            switch (value)
            {
                case null:
                    Write(0, []);
                    break;
                case long number:
                    BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
                    Write(1, bytes);
                    break;
                case string text:
                    Write(2, Encoding.UTF8.GetBytes(text));
                    break;
                case byte[] blob:
                    Write(3, blob);
                    break;
                default:
                    throw new InvalidOperationException($"a catalogue stores no {value.GetType().Name}");
            }
        }

        Span<byte> digest = stackalloc byte[Digest.Size];
        Digest.Of(_row.WrittenSpan).CopyTo(digest);
        for (var i = 0; i < _sum.Length; i++)
            _sum[i] += BinaryPrimitives.ReadUInt64LittleEndian(digest[(i * sizeof(ulong))..]);
        Rows++;
    }

    /// <summary>The rows so far, as those of a table.</summary>
    internal TableFigures ToFigures(string table)
    {
        Span<byte> sum = stackalloc byte[Digest.Size];
        for (var i = 0; i < _sum.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(sum[(i * sizeof(ulong))..], _sum[i]);
        return new TableFigures(table, Rows, Digest.FromBytes(sum));
    }

    private void Write(byte kind, ReadOnlySpan<byte> value)
    {
        var head = _row.GetSpan(1 + sizeof(int));
        head[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], value.Length);
        _row.Advance(1 + sizeof(int));
        _row.Write(value);
    }
}
