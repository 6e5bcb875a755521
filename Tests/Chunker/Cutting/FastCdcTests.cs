using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Cutting;

public sealed class FastCdcTests
{
    /// <summary>Published with a program built on the fastcdc crate (v2020): this data, level 1, no seed.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cuts_are_those_of_the_fastcdc_crate(bool isWide)
    {
        isWide &= FastCdc.Avx512Kernel.IsSupported;
        int[] published =
        [
            94_129, 73_623, 28_537, 107_508, 87_622, 224_123, 45_882, 98_297, 40_690, 69_224, 121_633, 57_308,
        ];
        var data = TestBytes.Congruential(1024 * 1024);
        var parameters = CutParameters.Default;
        var masks = CutMasks.For(parameters.Average, level: 1);

        var lengths = new List<int>();
        for (var at = 0; at < data.Length; at += lengths[^1])
            lengths.Add(FastCdc.NextCut(data.AsSpan(at), parameters, masks, isFinal: true, isWide));

        Assert.Equal(published, lengths);
    }

    /// <summary>
    /// The crate's own test of bytes without a cut; its hash holds our reading of the paper to the crate's.
    /// </summary>
    [Fact]
    public void Zeros_are_cut_at_the_maximum_and_the_paper_hash_is_the_crates()
    {
        var parameters = new CutParameters(64, 256, 1024);

        var paper = PaperFastCdc.Cut(new byte[10_240], parameters, CutMasks.For(256, level: 1));

        Assert.Equal(Enumerable.Repeat((1024, 14_169_102_344_523_991_076UL), 10), paper);
        Assert.Equal(Enumerable.Repeat(1024, 10), TestBytes.Cut(new byte[10_240], parameters));
    }

    /// <summary>The format's own cuts: were they to change, nothing published before would be reused.</summary>
    [Theory]
    [InlineData(
        0UL,
        "73188 28591 65973 28537 66379 104645 74612 66231 67584 68899 65970 91604 67422 68337 68895 41709")]
    [InlineData(666UL, "79857 73817 77936 57286 71494 74707 65761 84392 66053 21612 66627 97764 68758 139013 3499")]
    public void Cuts_of_the_default_parameters_never_change(ulong seed, string expected)
    {
        var data = TestBytes.Congruential(1024 * 1024);

        var lengths = TestBytes.Cut(data, CutParameters.Default with { Seed = seed });

        Assert.Equal(expected, string.Join(' ', lengths));
    }

    [Fact]
    public void The_documented_cuts_are_made()
    {
        var page = File.ReadAllText(Repository.PathOf("docs/format.md"));
        var lengths = TestBytes.Cut(TestBytes.Congruential(1024 * 1024), CutParameters.Default);

        var words = $"{string.Join(", ", lengths.SkipLast(1))} and {lengths[^1]} bytes";

        Assert.Contains(words, page.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Category", "Random")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Cuts_are_those_of_the_paper_for_random_parameters_and_lengths(int seed)
    {
        var random = Rounds.Random(seed);
        for (var round = 0; round < Rounds.Of(200); round++)
        {
            var parameters = TestBytes.Parameters(random);
            var data = TestBytes.Random(random, random.Next(40_000));

            var lengths = TestBytes.Cut(data, parameters);

            var paper = PaperFastCdc.Cut(data, parameters, CutMasks.For(parameters.Average));
            Assert.Equal(paper.Select(chunk => chunk.Length), lengths);
        }
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(666UL)]
    public void Cuts_of_the_public_vectors_parameters_are_those_of_the_paper(ulong seed)
    {
        var parameters = new CutParameters(4096, 16_384, 65_535, seed);
        var data = TestBytes.Congruential((2 * 1024 * 1024) + 1);

        var lengths = TestBytes.Cut(data, parameters);

        var paper = PaperFastCdc.Cut(data, parameters, CutMasks.For(parameters.Average));
        Assert.Equal(paper.Select(chunk => chunk.Length), lengths);
    }

    [Theory]
    [Trait("Category", "Random")]
    [InlineData(11)]
    [InlineData(12)]
    public void Every_chunk_but_the_last_keeps_to_minimum_and_maximum(int seed)
    {
        var random = Rounds.Random(seed);
        for (var round = 0; round < Rounds.Of(200); round++)
        {
            var parameters = TestBytes.Parameters(random);
            var data = TestBytes.Random(random, random.Next(1, 40_000));

            var lengths = TestBytes.Cut(data, parameters);

            Assert.All(lengths.SkipLast(1), length => Assert.InRange(length, parameters.Min, parameters.Max));
            Assert.InRange(lengths[^1], 1, parameters.Max);
            Assert.Equal(data.Length, lengths.Sum());
        }
    }

    [Fact]
    public void Less_than_the_maximum_is_not_cut_before_the_end()
    {
        var parameters = new CutParameters(64, 256, 1024);
        var data = TestBytes.Congruential(1024);

        Assert.Equal(0, FastCdc.NextCut(data.AsSpan(0, 1023), parameters, isFinal: false));
        Assert.NotEqual(0, FastCdc.NextCut(data, parameters, isFinal: false));
        Assert.Equal(64, FastCdc.NextCut(data.AsSpan(0, 64), parameters, isFinal: true));
        Assert.Equal(0, FastCdc.NextCut([], parameters, isFinal: true));
    }

    [Fact]
    [Trait("Category", "Random")]
    public void What_follows_a_chunk_has_no_say_in_it()
    {
        var random = Rounds.Random(21);
        var parameters = new CutParameters(64, 1024, 4096);
        for (var round = 0; round < Rounds.Of(200); round++)
        {
            var data = TestBytes.Random(random, 8192);
            var cut = FastCdc.NextCut(data, parameters, isFinal: false);

            // The byte that makes the cut is the next chunk's first.
            random.NextBytes(data.AsSpan(Math.Min(cut + 1, parameters.Max)));

            Assert.Equal(cut, FastCdc.NextCut(data, parameters, isFinal: false));
        }
    }

    [Fact]
    public void An_insertion_changes_only_the_chunks_around_it()
    {
        var data = TestBytes.Congruential(4 * 1024 * 1024);
        byte[] edited = [.. data[..1_000_000], .. "inserted"u8, .. data[1_000_000..]];

        var before = CutPoints(data);
        var after = CutPoints(edited).Select(cut => cut - "inserted"u8.Length);

        Assert.InRange(before.Except(after).Count(cut => cut > 1_000_000), 0, 3);

        static HashSet<int> CutPoints(byte[] data)
        {
            var at = 0;
            return [.. TestBytes.Cut(data, CutParameters.Default).Select(length => at += length)];
        }
    }

    [Fact]
    public void Cutting_allocates_nothing()
    {
        var data = TestBytes.Congruential(1024 * 1024);
        var seeded = CutParameters.Default with { Seed = 7 };

        Assert.Equal(0, Allocations.Of(CutAll));

        void CutAll()
        {
            for (var at = 0; at < data.Length;)
                at += FastCdc.NextCut(data.AsSpan(at), CutParameters.Default, isFinal: true);
            for (var at = 0; at < data.Length;)
                at += FastCdc.NextCut(data.AsSpan(at), seeded, isFinal: true);
        }
    }
}
