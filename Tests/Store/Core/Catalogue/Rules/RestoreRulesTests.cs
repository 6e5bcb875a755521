using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

/// <summary>The numbers of a catalogue that was restored from a backup.</summary>
public sealed class RestoreRulesTests : RulesFixture
{
    private const ulong Restored = 1_800_000_000;

    public RestoreRulesTests()
    {
        for (var i = 1; i <= 4; i++)
            State.AddChunk(Chunk(i), 0, 10, 100);
    }

    [Fact]
    public void A_publish_to_a_product_that_is_behind_must_be_asked_for()
    {
        Publish(Release("1.0.0", 1, Chunk(1)), 1);
        State.LeastNumber = Restored;

        var refused = Assert.Throws<ChunkOtaException>(() => Begin("1.0.1"));

        Assert.Equal("SERVER_BEHIND", refused.Code);
        _ = Begin("1.0.1", more: Allowances.AfterRestore);
    }

    [Fact]
    public void Numbers_below_the_time_of_the_restore_are_not_given_out()
    {
        Publish(Release("1.0.0", 1, Chunk(1)), 1);
        State.LeastNumber = Restored;
        var lease = Begin("1.0.1", more: Allowances.AfterRestore);
        var (low, high) = (Release("1.0.1", 2, Chunk(2)), Release("1.0.1", Restored, Chunk(2)));

        Assert.Equal(
            "SERVER_BEHIND",
            Assert.Throws<ChunkOtaException>(() => Commit(lease, low, Pointer(low, Restored))).Code);
        Assert.Equal(
            "SERVER_BEHIND", Assert.Throws<ChunkOtaException>(() => PromotionRules.Promote(
                State, [Pointer(State.Releases.Values.First().Release, 2)], Withdrawals.Unchanged, Allowances.None))
                .Code);
        _ = Commit(lease, high, Pointer(high, Restored));

        var next = Release("1.0.2", Restored + 1, Chunk(3));
        Publish(next, Restored + 1);
        Assert.Equal(
            "SERVER_BEHIND", Assert.Throws<ChunkOtaException>(() => PromotionRules.Promote(
                State, [Pointer(next, 1, "beta")], Withdrawals.Unchanged, Allowances.NewChannel)).Code);
        PromotionRules.Promote(
            State, [Pointer(next, Restored, "beta")], Withdrawals.Unchanged, Allowances.NewChannel);
    }

    [Fact]
    public void A_product_without_releases_begins_beyond_what_devices_may_have_seen()
    {
        State.LeastNumber = Restored;
        var first = Release("1.0.0", Restored + 3, Chunk(1));

        _ = Commit(Begin("1.0.0"), first, Pointer(first, Restored));
    }

    private static ChunkRef Chunk(int number) => new(Hash($"chunk {number}"), 100);
}
