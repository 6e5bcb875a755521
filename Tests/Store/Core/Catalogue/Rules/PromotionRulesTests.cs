using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

public sealed class PromotionRulesTests : RulesFixture
{
    private readonly NewRelease _release = Release("1.0.0", 1);

    public PromotionRulesTests() => Publish(_release, seq: 5);

    [Fact]
    public void A_pointer_moves_to_a_higher_number() => Assert.Equal(6ul, Put(Pointer(_release, 6)).Seq);

    [Fact]
    public void The_same_pointer_again_changes_nothing()
    {
        PromotionRules.Put(State, Pointer(_release, 5));

        Assert.Single(State.Pointers);
    }

    [Fact]
    public void A_number_that_was_used_or_passed_is_taken()
    {
        var other = Pointer(_release, 5) with { Digest = Hash("another") };

        Assert.Equal("SEQ_TAKEN", CodeOf(() => PromotionRules.Put(State, other)));
        Assert.Equal("SEQ_TAKEN", CodeOf(() => PromotionRules.Put(State, Pointer(_release, 4))));
        Assert.Equal("POINTER_INVALID", CodeOf(() => PromotionRules.Put(State, Pointer(_release, ulong.MaxValue))));
    }

    [Fact]
    public void A_pointer_names_visible_releases_of_its_product_and_platform()
    {
        _ = ProductRules.Create(State, Product("other"));
        var pointer = Pointer(_release, 6);

        Assert.Equal("RELEASE_UNKNOWN", CodeOf(() => Put(pointer with { Current = Hash("none") })));
        Assert.Equal("RELEASE_UNKNOWN", CodeOf(() => Put(pointer with { Candidate = Hash("none") })));
        Assert.Equal("RELEASE_UNKNOWN", CodeOf(() => Put(pointer with { Platform = "linux-x64" })));
        Assert.Equal("RELEASE_UNKNOWN", CodeOf(() => Put(pointer with { Product = "other" })));
        Assert.Equal("PRODUCT_UNKNOWN", CodeOf(() => Put(pointer with { Product = "none" })));
        Assert.Equal(pointer.Current, Put(pointer with { Candidate = _release.Manifest }).Candidate);
    }

    private NewPointer Put(NewPointer pointer)
    {
        PromotionRules.Put(State, pointer);
        return State.Pointers[^1];
    }
}
