using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

public sealed class QuotaRulesTests : RulesFixture
{
    private static readonly ChunkRef Chunk = new(Hash("chunk"), 1000);

    public QuotaRulesTests() => State.AddChunk(Chunk, 0, 800, 1000);

    [Fact]
    public void Without_a_quota_nothing_is_refused()
    {
        QuotaRules.CheckUpload(new ProductUse("app", null, long.MaxValue / 2, 0), 1_000_000);
        QuotaRules.CheckCommit(new ProductUse("app", null, long.MaxValue, 0));
    }

    [Theory]
    [InlineData(600, 300, 100, false)]
    [InlineData(600, 300, 101, true)]
    [InlineData(0, 0, 1001, true)]
    [InlineData(1001, 0, 0, true)]
    public void What_releases_have_and_what_publishes_have_brought_both_count(
        long stored, long pending, long more, bool isRefused)
    {
        var use = new ProductUse("app", 1000, stored, pending);
        if (!isRefused)
        {
            QuotaRules.CheckUpload(use, more);
            return;
        }

        var refusal = Assert.Throws<ChunkOtaException>(() => QuotaRules.CheckUpload(use, more));
        Assert.Equal(ErrorCodes.QuotaExceeded, refusal.Code);
        Assert.Contains("the quota of product app", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_commit_above_the_quota_is_refused_although_nothing_was_sent()
    {
        QuotaRules.SetQuota(State, "app", 799);
        var lease = Begin("1.0.0");
        var release = Release("1.0.0", 1, Chunk);

        Assert.Equal(ErrorCodes.QuotaExceeded, CodeOf(() => Commit(lease, release, Pointer(release, 1))));
    }

    [Fact]
    public void A_commit_counts_what_was_brought_once()
    {
        QuotaRules.SetQuota(State, "app", 800);
        var lease = Begin("1.0.0");
        State.Pending[lease.Id] = 800;
        var release = Release("1.0.0", 1, Chunk);

        Commit(lease, release, Pointer(release, 1));

        Assert.Equal(new ProductUse("app", 800, 800, 0), State.FindUse("app"));
    }

    [Fact]
    public void An_abandoned_publish_counts_for_a_day()
    {
        var abandoned = Begin("1.0.0");
        State.Pending[abandoned.Id] = 500;

        LeaseRules.Begin(State, Wanted("1.0.1"), abandoned.Expires.AddHours(23));
        Assert.Contains(State.Leases, lease => lease.Id == abandoned.Id);
        LeaseRules.Begin(State, Wanted("1.0.2"), abandoned.Expires.AddHours(24));

        Assert.DoesNotContain(State.Leases, lease => lease.Id == abandoned.Id);
    }

    [Fact]
    public void A_quota_is_set_and_removed_whatever_the_product_has()
    {
        Publish(Release("1.0.0", 1, Chunk), 1);

        Assert.Equal(new ProductUse("app", 10, 800, 0), QuotaRules.SetQuota(State, "app", 10));
        Assert.Null(QuotaRules.SetQuota(State, "app", null).QuotaBytes);
        Assert.Equal(ErrorCodes.ProductUnknown, CodeOf(() => QuotaRules.SetQuota(State, "none", 1)));
    }
}
