using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

public sealed class LeaseRulesTests : RulesFixture
{
    [Fact]
    public void A_lease_begins_with_its_whole_life_and_removes_those_that_ended()
    {
        State.Leases.Add(Lease("0.9.0"));
        State.Leases.Add(Lease("0.9.1") with { Expires = Now.AddSeconds(1) });

        var lease = Begin("1.0.0");

        Assert.Equal(Now + IPublishLeases.Lifetime, lease.Expires);
        Assert.Equal(["0.9.1", "1.0.0"], State.Leases.Select(alive => alive.Version));
    }

    [Fact]
    public void A_publish_of_an_unknown_product_does_not_begin() => Assert.Equal(
        "PRODUCT_UNKNOWN", CodeOf(() => LeaseRules.Begin(State, Wanted("1.0.0") with { Product = "none" }, Now)));

    [Fact]
    public void A_lease_is_alive_until_it_expires()
    {
        var lease = Begin("1.0.0");

        Assert.Same(lease, LeaseRules.CheckAlive(lease, lease.Expires.AddTicks(-1)));
        Assert.Equal("PUBLISH_UNKNOWN", CodeOf(() => LeaseRules.CheckAlive(lease, lease.Expires)));
        Assert.Equal("PUBLISH_UNKNOWN", CodeOf(() => LeaseRules.CheckAlive(null, Now)));
    }

    [Fact]
    public void A_lease_is_extended_at_most_once_a_minute()
    {
        var lease = Begin("1.0.0");

        Assert.Null(LeaseRules.Extend(lease, Now.AddSeconds(59)));
        Assert.Equal(lease.Expires.AddSeconds(60), LeaseRules.Extend(lease, Now.AddSeconds(60)));
    }
}
