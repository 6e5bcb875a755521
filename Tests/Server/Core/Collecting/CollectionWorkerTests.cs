using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Server.Collecting;

public sealed class CollectionWorkerTests
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Theory]
    [InlineData("", 24, 24)]
    [InlineData("STORE_UNAVAILABLE: a reason", 24, 1)]
    [InlineData("interrupted", 24, 1)]
    [InlineData("interrupted", 0.5, 0.5)]
    public void A_failed_collection_is_repeated_after_an_hour_at_most(string error, double interval, double due)
    {
        var state = new CollectionState { Began = Noon, Ended = Noon, Error = error, Figures = new() };

        Assert.False(IsDue(state, due - 0.1));
        Assert.True(IsDue(state, due));

        bool IsDue(CollectionState last, double hours) => CollectionWorker.IsDue(
            last, Noon, TimeSpan.FromHours(interval), Noon.AddHours(hours));
    }

    [Fact]
    public void The_first_collection_comes_an_interval_after_the_start_and_one_after_a_kill_at_once()
    {
        var never = new CollectionState { Figures = new() };
        var day = TimeSpan.FromDays(1);

        Assert.False(CollectionWorker.IsDue(never, Noon, day, Noon.AddHours(23)));
        Assert.True(CollectionWorker.IsDue(never, Noon, day, Noon.AddHours(24)));
        Assert.True(CollectionWorker.IsDue(never with { Began = Noon }, Noon, day, Noon));
    }
}
