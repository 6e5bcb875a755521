using System.Buffers.Binary;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;
using static ChunkOta.Tests.Protos.Documents.SampleDocuments;

namespace ChunkOta.Tests.Protos.Documents;

public sealed class RecipeTests
{
    private static readonly CutParameters Cut = CutParameters.Default;

    [Fact]
    public void A_recipe_survives_its_bytes()
    {
        var recipe = RecipeOf(300_000);

        var read = Recipe.Parse(recipe.ToBytes(), recipe.Digest, 300_000, Cut);

        Assert.Equal(recipe.Chunks, read.Chunks);
        Assert.Equal(300_000, read.FileBytes);
        Assert.Equal(recipe.ToBytes(), read.ToBytes());
        Assert.Equal(5 * 36, read.ToBytes().Length);
    }

    [Fact]
    [Trait("Category", "Random")]
    public void Any_list_of_chunks_that_a_cut_can_make_survives()
    {
        var random = Rounds.Random(7);
        for (var round = 0; round < Rounds.Of(200); round++)
        {
            var chunks = Enumerable.Range(0, random.Next(1, 60))
                .Select(_ => new ChunkRef(RandomDigest(random), random.Next(Cut.Min, Cut.Max + 1)))
                .Append(new ChunkRef(RandomDigest(random), random.Next(1, Cut.Max + 1)))
                .ToArray();
            var recipe = Recipe.Of(chunks);
            Assert.Equal(chunks, Recipe.Parse(recipe.ToBytes(), recipe.Digest, (ulong)recipe.FileBytes, Cut).Chunks);
        }
    }

    [Fact]
    public void Damaged_bytes_are_not_the_recipe_that_was_signed()
    {
        var recipe = RecipeOf(300_000);
        var bytes = recipe.ToBytes();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal("DIGEST_MISMATCH", CodeOf(() => Recipe.Parse(bytes, recipe.Digest, 300_000, Cut)));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData(299_999)]
    [InlineData(300_001)]
    [InlineData(4_295_267_296)] // 2^32 more
    public void A_recipe_makes_exactly_the_signed_size(ulong size)
    {
        var recipe = RecipeOf(300_000);

        Assert.Equal("MANIFEST_INVALID", CodeOf(() => Recipe.Parse(recipe.ToBytes(), recipe.Digest, size, Cut)));
    }

    [Theory]
    [InlineData(65_536, 0)]
    [InlineData(0, 65_536)]
    [InlineData(16_383, 65_536)] // below the minimum and not the last
    [InlineData(262_145, 65_536)] // above the maximum
    [InlineData(65_536, 262_145)]
    [InlineData(2_147_483_648, 65_536)]
    [InlineData(4_294_967_295, 65_536)]
    public void No_chunk_is_longer_or_shorter_than_a_cut_makes_it(uint first, uint second)
    {
        var bytes = Bytes(first, second);

        Assert.Equal(
            "MANIFEST_INVALID", CodeOf(() => Recipe.Parse(bytes, Digest.Of(bytes), (ulong)first + second, Cut)));
    }

    [Fact]
    public void The_last_chunk_alone_may_be_short()
    {
        var bytes = Bytes(16_384, 1);

        Assert.Equal(1, Recipe.Parse(bytes, Digest.Of(bytes), 16_385, Cut).Chunks[1].Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(36)]
    [InlineData(71)]
    [InlineData(73)]
    public void A_recipe_is_of_whole_chunks_and_of_two_at_least(int length)
    {
        var bytes = new byte[length];

        Assert.Equal("MANIFEST_INVALID", CodeOf(() => Recipe.Parse(bytes, Digest.Of(bytes), 1_000_000, Cut)));
    }

    [Fact]
    public void Too_long_a_recipe_is_refused_before_it_is_hashed()
    {
        var limit = Recipe.MaxBytes(100_000, Cut);

        Assert.Equal((100_000 / 16_384 + 1) * 36, limit);
        Assert.Equal("TOO_LARGE", CodeOf(() => Recipe.Parse(new byte[limit + 1], default, 100_000, Cut)));
    }

    [Fact]
    public void The_longest_recipe_of_the_largest_file_is_a_number()
    {
        var smallest = new CutParameters(CutParameters.MinLimit, CutParameters.AverageLimit, 1024);

        Assert.True(Recipe.MaxBytes(long.MaxValue, smallest) > 0);
        Assert.Equal("MANIFEST_INVALID", CodeOf(() => Recipe.Parse(new byte[72], default, ulong.MaxValue, Cut)));
    }

    [Fact]
    public void There_is_no_recipe_of_one_chunk_or_of_an_empty_one()
    {
        var chunk = new ChunkRef(Digest.Of("x"u8), 1);

        Assert.Throws<ArgumentException>(() => Recipe.Of([chunk]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Recipe.Of([chunk, chunk with { Length = 0 }]));
    }

    private static byte[] Bytes(params uint[] lengths)
    {
        var bytes = new byte[lengths.Length * Recipe.BytesPerChunk];
        for (var number = 0; number < lengths.Length; number++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(number * Recipe.BytesPerChunk), lengths[number]);
        return bytes;
    }

    private static Digest RandomDigest(Random random)
    {
        var bytes = new byte[32];
        random.NextBytes(bytes);
        return Digest.FromBytes(bytes);
    }
}
