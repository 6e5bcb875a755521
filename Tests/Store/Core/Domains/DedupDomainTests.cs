using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store;

public sealed class DedupDomainTests
{
    [Fact]
    public void The_mask_of_a_product_cannot_be_derived_from_its_name()
    {
        var (one, other) = (DedupDomain.Create("app"), DedupDomain.Create("app"));

        Assert.NotEqual(one.Mask, other.Mask);
    }

    [Fact]
    public void A_domain_knows_its_product_from_the_mask_alone()
    {
        var domain = DedupDomain.OfMask(DedupDomain.Create("app").Mask);

        Assert.True(domain.IsOf("app"));
        Assert.False(domain.IsOf("apps"));
        Assert.False(DedupDomain.Shared.IsOf("app"));
        Assert.False(DedupDomain.OfMask(Digest.Of("app"u8)).IsOf("app"));
    }
}
