using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Tests.Server.Calls;

namespace ChunkOta.Tests.Store.Objects;

public sealed class ObjectHasherTests
{
    private static readonly DedupDomain Domain = TestDomain.Of("app");
    private static readonly byte[] Recipe = Tree.Bytes(1, 10 * 36);
    private static readonly byte[] Isolated = [.. Recipe, .. Domain.Mask.ToArray()];

    [Fact]
    public void A_recipe_is_named_by_its_digest_and_that_of_an_isolated_product_in_its_domain()
    {
        Assert.Equal(Digest.Of(Recipe), ObjectHasher.NameOf(ObjectKind.Recipe, Recipe));
        Assert.Equal(Domain.NameOf(Digest.Of(Recipe)), ObjectHasher.NameOf(ObjectKind.Recipe, Isolated));
        Assert.Equal(Digest.Of(Isolated), ObjectHasher.NameOf(ObjectKind.Delta, Isolated));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(350)]
    [InlineData(361)]
    [InlineData(392)]
    public void The_pieces_do_not_matter(int pieceBytes)
    {
        var hasher = new ObjectHasher(ObjectKind.Recipe, Isolated.Length);

        foreach (var piece in Isolated.Chunk(pieceBytes)) hasher.Append(piece);

        Assert.Equal(Domain.NameOf(Digest.Of(Recipe)), hasher.Finish());
        Assert.Equal(Domain, hasher.Domain);
    }

    [Fact]
    public void A_recipe_that_zeros_were_appended_to_has_no_name()
    {
        var hasher = new ObjectHasher(ObjectKind.Recipe, Recipe.Length + 32);

        hasher.Append([.. Recipe, .. new byte[32]]);

        Assert.True(hasher.Finish().IsZero);
    }
}
