namespace ChunkOta.Tests.Server.Calls;

public sealed class ReleaseSizeTests
{
    [Fact]
    public async Task A_release_beyond_the_limit_is_refused_and_one_at_the_limit_is_taken()
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync("Limits:ReleaseBytes=500000");
        var begun = await publisher.BeginAsync("1.0.0");
        var large = Tree.Of(("a", 1, 300_000), ("b", 2, 200_001));
        await publisher.SendAsync(begun, large);

        var refusal = await Assert.ThrowsAnyAsync<ChunkOtaException>(
            () => publisher.CommitAsync(begun, publisher.ManifestOf(begun, "1.0.0", large)));

        Assert.Equal(500_000UL, begun.MaxReleaseBytes);
        Assert.Equal(ErrorCodes.TooLarge, refusal.Code);
        Assert.Contains(
            "500.0 kB is above this server's limit of 500.0 kB (Limits:ReleaseBytes)", refusal.Message,
            StringComparison.Ordinal);
        await publisher.PublishAsync("1.0.0", Tree.Of(("a", 1, 300_000), ("b", 2, 200_000)));
    }
}
