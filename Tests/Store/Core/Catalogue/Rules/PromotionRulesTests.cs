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
        PromotionRules.Put(State, [Pointer(_release, 5)], Withdrawals.Unchanged);

        Assert.Single(State.Pointers);
    }

    [Fact]
    public void A_number_that_was_used_or_passed_is_taken()
    {
        var other = Pointer(_release, 5) with { Digest = Hash("another") };

        Assert.Equal("SEQ_TAKEN", CodeOf(() => Put(other)));
        Assert.Equal("SEQ_TAKEN", CodeOf(() => Put(Pointer(_release, 4))));
        Assert.Equal("POINTER_INVALID", CodeOf(
            () => PromotionRules.Put(State, [Pointer(_release, ulong.MaxValue)], Withdrawals.Unchanged)));
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

    [Fact]
    public void A_channel_never_goes_back_to_a_lower_counter()
    {
        Publish(Release("1.1.0", 2), seq: 6);

        Assert.Equal("COUNTER_LOWER", CodeOf(() => Put(Pointer(_release, 7))));
        Assert.Equal("SEQ_TAKEN", CodeOf(() => Put(Pointer(_release, 6))));
        Assert.Equal(1ul, Put(Pointer(_release, 1, "beta")).Counter);
    }

    [Fact]
    public void A_channel_that_was_deleted_goes_on_from_its_last_pointer()
    {
        Publish(Release("1.1.0", 2), seq: 6);
        State.DeleteChannel("app", "any", "stable");

        Assert.Equal("SEQ_TAKEN", CodeOf(() => Put(Pointer(_release, 1))));
        Assert.Equal("COUNTER_LOWER", CodeOf(() => Put(Pointer(_release, 7))));
    }

    [Fact]
    public void A_withdrawal_is_signed_by_all_channels_of_the_platform()
    {
        var bad = Release("1.1.0", 2);
        Publish(bad, seq: 1, "beta");
        Publish(Release("1.2.0", 3), seq: 2, "beta");
        var beta = Pointer(Release("1.2.0", 3), 3, "beta") with { Revoked = [bad.Manifest] };
        var stable = Pointer(_release, 6) with { Revoked = [bad.Manifest] };

        Assert.Equal("SEQ_TAKEN", CodeOf(() => PromotionRules.Put(State, [beta], new("it breaks", []))));
        Assert.Equal(
            "SEQ_TAKEN",
            CodeOf(() => PromotionRules.Put(
                State, [stable with { Revoked = [] }, beta with { Seq = 4 }], Withdrawals.Unchanged)));
        Assert.Empty(State.Withdrawals);
        PromotionRules.Put(State, [stable with { Seq = 8 }, beta with { Seq = 5 }], new Withdrawals("it breaks", []));
        Assert.Equal([("app", "any", bad.Manifest, "it breaks")], State.Withdrawals);
    }

    [Fact]
    public void No_pointer_drops_a_release_that_was_withdrawn()
    {
        var bad = Release("0.9.0", 2);
        Publish(bad, seq: 1, "beta");
        State.AddWithdrawal("app", "any", bad.Manifest, "");

        Assert.Equal("POINTER_INVALID", CodeOf(() => Put(Pointer(_release, 6))));
        Assert.Equal("POINTER_INVALID", CodeOf(() => Put(Pointer(_release, 1, "new"))));
        Assert.Equal("new", Put(Pointer(_release, 1, "new") with { Revoked = [bad.Manifest] }).Channel);
        Assert.Single(State.Withdrawals);
    }

    [Fact]
    public void A_withdrawal_names_a_release_of_the_product_and_platform_unless_it_was_there_before()
    {
        var (bad, forgotten) = (Release("1.1.0", 2), Hash("a release that a backup has lost"));
        Publish(bad, seq: 6);
        Publish(Release("1.2.0", 3), seq: 7);
        var next = Pointer(Release("1.2.0", 3), 8);

        Assert.Equal("RELEASE_UNKNOWN", CodeOf(() => Put(next with { Revoked = [bad.Manifest, Hash("nothing")] })));
        Assert.Equal("RELEASE_UNKNOWN", CodeOf(() => Put(next with { Revoked = [default] })));
        Assert.Empty(State.Withdrawals);

        State.AddWithdrawal("app", "any", forgotten, "");
        Assert.Equal(9ul, Put(next with { Seq = 9, Revoked = [forgotten, bad.Manifest] }).Seq);
        Assert.Equal([forgotten, bad.Manifest], State.ListWithdrawn("app", "any"));
    }

    [Fact]
    public void A_release_is_reinstated_by_all_channels_of_the_platform()
    {
        var bad = Release("1.1.0", 2);
        Publish(bad, seq: 1, "beta");
        Publish(Release("1.2.0", 3), seq: 2, "beta");
        State.AddWithdrawal("app", "any", bad.Manifest, "");
        var ends = new Withdrawals("", [bad.Manifest, Hash("not withdrawn")]);
        var stable = Pointer(_release, 6);
        var beta = Pointer(Release("1.2.0", 3), 3, "beta");

        Assert.Equal("SEQ_TAKEN", CodeOf(() => PromotionRules.Put(State, [stable], ends)));
        Assert.Equal("POINTER_INVALID", CodeOf(
            () => PromotionRules.Put(State, [stable, beta with { Revoked = [bad.Manifest] }], ends)));
        Assert.Single(State.Withdrawals);

        PromotionRules.Put(State, [stable, beta], ends);
        PromotionRules.Put(State, [stable, beta], ends);
        Assert.Empty(State.Withdrawals);
        Assert.Equal(7ul, Put(Pointer(_release, 7)).Seq);
    }

    private NewPointer Put(NewPointer pointer)
    {
        PromotionRules.Put(State, [pointer], Withdrawals.Unchanged);
        return State.Pointers[^1];
    }
}
