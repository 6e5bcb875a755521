using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>Every encoded file is decoded again, whatever the files are.</summary>
public sealed class DeltaTests
{
    [Theory]
    [Trait("Category", "Random")]
    [InlineData(DeltaQuality.Quick)]
    [InlineData(DeltaQuality.Best)]
    public void Files_come_back_however_they_were_changed(DeltaQuality quality)
    {
        var random = Rounds.Random(7);
        for (var round = 0; round < Rounds.Of(60); round++)
        {
            var pair = new DeltaPair(quality);
            var files = new List<byte[]>();
            for (var count = 1 + random.Next(4); count > 0; count--)
            {
                var old = SampleFiles.Make(random, random.Next(1 << random.Next(18)));
                files.Add(SampleFiles.Change(random, old));
                pair.With(files[^1], random.Next(6) == 0 ? null : old);
            }

            var delta = pair.Encode(out var figures);

            Assert.Equal(files, pair.Decode(delta));
            Assert.Equal(
                new DeltaFigures(files.Count, files.Sum(file => (long)file.Length), delta.Length), figures);
        }
    }

    [Fact]
    public void A_shifted_file_costs_next_to_nothing()
    {
        var old = SampleFiles.Random(new Random(1), 300_000);
        byte[] made = [.. old.AsSpan(0, 1000), .. "an insertion"u8, .. old.AsSpan(1000)];

        var delta = new DeltaPair().With(made, old).Encode();

        Assert.InRange(delta.Length, 100, 160);
    }

    [Fact]
    public void The_same_difference_to_many_words_is_told_once()
    {
        var random = new Random(2);
        var old = SampleFiles.Random(random, 400_000);
        var made = (byte[])old.Clone();
        for (var at = 0; at + 4 <= made.Length; at += 100)
            BitConverter.TryWriteBytes(made.AsSpan(at), BitConverter.ToUInt32(old, at) + 0x01F0);

        var delta = new DeltaPair().With(made, old).Encode();

        Assert.InRange(delta.Length, 100, 2000);
        Assert.Equal(made, Assert.Single(new DeltaPair().With(made, old).Decode(delta)));
    }

    [Fact]
    public void Every_file_is_told_with_its_entry_base_and_length()
    {
        var pair = new DeltaPair().With([1, 2, 3], null).With([4, 5], [4, 6, 7]);

        using var decoder = pair.Open(pair.Encode());

        Assert.True(decoder.MoveNext());
        Assert.Equal(new DeltaEntry(0, null, 3), decoder.Current);
        Assert.True(decoder.MoveNext());
        Assert.Equal(new DeltaEntry(2, 0, 2), decoder.Current);
        Assert.False(decoder.MoveNext());
    }

    [Fact]
    public void A_file_that_is_passed_over_leaves_the_next_ones_as_they_are()
    {
        var random = new Random(3);
        var old = SampleFiles.Make(random, 50_000);
        var (one, two) = (SampleFiles.Change(random, old), SampleFiles.Change(random, old));
        var pair = new DeltaPair().With(one, old).With(two, old);

        using var decoder = pair.Open(pair.Encode());

        Assert.True(decoder.MoveNext());
        Assert.True(decoder.MoveNext());
        Assert.Equal(two, pair.Write(decoder));
    }

    [Fact]
    public void A_base_that_fails_spoils_only_its_own_file()
    {
        var random = new Random(4);
        var old = SampleFiles.Make(random, 50_000);
        var (one, two) = (SampleFiles.Change(random, old), SampleFiles.Change(random, old));
        var pair = new DeltaPair().With(one, old).With(two, old);

        using var decoder = pair.Open(pair.Encode());

        Assert.True(decoder.MoveNext());
        Assert.Throws<IOException>(() => decoder.WriteTo(new FailingReader(old.Length), _ => { }));
        Assert.True(decoder.MoveNext());
        Assert.Equal(two, pair.Write(decoder));
    }

    [Fact]
    public void A_base_of_other_bytes_spoils_only_its_own_file()
    {
        var random = new Random(5);
        var old = SampleFiles.Make(random, 80_000);
        var (one, two) = (SampleFiles.Change(random, old), SampleFiles.Change(random, old));
        var pair = new DeltaPair().With(one, old).With(two, old);

        using var decoder = pair.Open(pair.Encode());

        Assert.True(decoder.MoveNext());
        var made = new MemoryStream();
        decoder.WriteTo(new MemoryReader(SampleFiles.Random(random, old.Length)), made.Write);
        Assert.Equal(one.Length, made.Length);
        Assert.True(decoder.MoveNext());
        Assert.Equal(two, pair.Write(decoder));
    }

    [Fact]
    public void The_facts_add_up_to_the_file()
    {
        var old = SampleFiles.Random(new Random(6), 100_000);
        byte[] made = [.. old.AsSpan(50_000), .. SampleFiles.Random(new Random(8), 777), .. old.AsSpan(0, 50_000)];
        made[10] ^= 1;
        var pair = new DeltaPair().With(made, old);

        using var decoder = pair.Open(pair.Encode());
        Assert.True(decoder.MoveNext());
        var facts = decoder.Skip();

        Assert.Equal(
            new DeltaFileFigures
            {
                Coding = DeltaCoding.Steps,
                Steps = 2,
                MovedSteps = 2,
                CopiedBytes = 100_000,
                DifferentBytes = 4,
                InsertedBytes = 777,
                ObjectBytes = facts.ObjectBytes,
            }, facts);
    }

    private sealed class FailingReader(long length) : IBaseReader
    {
        public long Length => length;

        public void Read(long offset, Span<byte> destination) => throw new IOException("the disk is gone");
    }
}
