using ChunkOta.Admin;

namespace ChunkOta.Tests.Admin.Signing;

/// <summary>The last pointers of a product on a server that was restored from a backup.</summary>
public sealed class PointerHistoriesTests
{
    [Fact]
    public void A_server_that_jumps_too_far_is_refused_only_for_a_platform_that_begins_there()
    {
        var lines = new Dictionary<string, PointerHistory> { ["linux-x64"] = PointerHistory.Empty };

        var histories = new PointerHistories(lines, LeastNumber: ulong.MaxValue);

        Assert.Same(PointerHistory.Empty, histories.Of("linux-x64"));
        Assert.Equal("POINTER_INVALID", Assert.Throws<ChunkOtaException>(() => histories.Of("any")).Code);
    }
}
