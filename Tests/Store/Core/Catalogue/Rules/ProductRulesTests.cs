using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

public sealed class ProductRulesTests : RulesFixture
{
    private static readonly CutParameters Cut = CutParameters.Default with { Seed = 7 };

    [Fact]
    public void A_product_is_created_once_with_the_default_cut_or_its_own()
    {
        Assert.True(ProductRules.Create(State, Product("own", cut: Cut)));
        Assert.False(ProductRules.Create(State, Product("own", cut: Cut)));
        Assert.False(ProductRules.Create(State, Product("own")));

        Assert.Equal([CutParameters.Default, Cut], State.Products.Select(product => product.Cut));
    }

    [Fact]
    public void A_name_belongs_to_one_root_and_one_cut()
    {
        Assert.Equal("PRODUCT_TAKEN", CodeOf(() => ProductRules.Create(State, Product("app", root: "another"))));
        Assert.Equal("PRODUCT_TAKEN", CodeOf(() => ProductRules.Create(State, Product("app", cut: Cut))));
        Assert.Single(State.Products);
    }

    [Fact]
    public void A_root_version_that_the_catalogue_cannot_hold_is_refused() => Assert.Equal(
        "ROOT_INVALID", CodeOf(() => ProductRules.Create(State, Product("big", version: ulong.MaxValue))));

    [Fact]
    public void A_token_needs_its_product_and_is_revoked_by_its_id()
    {
        ProductRules.AddToken(State, Token("app"));
        Assert.Equal("PRODUCT_UNKNOWN", CodeOf(() => ProductRules.AddToken(State, Token("none"))));

        ProductRules.RevokeToken(State, "t1", Now);
        ProductRules.RevokeToken(State, "t1", Now);

        Assert.True(Assert.Single(State.Tokens).IsRevoked);
        Assert.Equal("TOKEN_UNKNOWN", CodeOf(() => ProductRules.RevokeToken(State, "none", Now)));
    }

    private static TokenRecord Token(string product) => new()
    {
        Id = "t1",
        SecretDigest = Hash("secret"),
        Role = AccessRole.Publisher,
        Product = product,
        Created = Now,
    };
}
