using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>Deltas look as docs/format.md says, and will for ever.</summary>
public sealed class DeltaFormatTests
{
    [Fact]
    public void The_worked_example_makes_the_file_it_tells_of()
    {
        var old = Enumerable.Range(0, 64).Select(value => (byte)value).ToArray();
        using var decoder = new DeltaDecoder(
            new MemoryReader(FormatDoc.Example("Delta")),
            DeltaPair.From,
            DeltaPair.To,
            new DeltaSizes([-1, 64], [-1, -1, 67]));

        Assert.True(decoder.MoveNext());
        Assert.Equal(new DeltaEntry(2, 1, 67), decoder.Current);
        var made = new MemoryStream();
        decoder.WriteTo(new MemoryReader(old), made.Write);
        Assert.False(decoder.MoveNext());

        old[17] = 18;
        Assert.Equal([.. old, .. "abc"u8], made.ToArray());
    }

    /// <summary>
    /// A program that lost functions and a file whose words differ: no inserts, so nothing of libzstd's.
    /// </summary>
    [Fact]
    public void Steps_differences_and_addresses_are_coded_as_ever()
    {
        var (made, old) = SamplePrograms.Make(new Random(61), functions: 600, added: 9);
        var table = new byte[4000];
        for (var at = 0; at < table.Length; at += 4) BitConverter.TryWriteBytes(table.AsSpan(at), at * 3);
        var moved = new byte[4000];
        for (var at = 0; at < moved.Length; at += 4)
            BitConverter.TryWriteBytes(moved.AsSpan(at), (at * 3) + (at < 1000 ? 0 : 96));
        var pair = new DeltaPair().With(made, old).With(moved, table);

        var delta = pair.Encode();

        Golden.Equal("delta.codl", delta);
        Assert.Equal([made, moved], pair.Decode(Golden.Read("delta.codl")));
        using var decoder = pair.Open(delta);
        Assert.True(decoder.MoveNext());
        var figures = decoder.Skip();
        Assert.Equal((DeltaCoding.Program, 0L), (figures.Coding, figures.InsertedBytes));
    }
}
