using ChunkOta.Server.Core;

namespace ChunkOta.Tests.Server.Core.Operations;

public sealed class ChannelMovesTests
{
    [Fact]
    public async Task Those_that_listen_hear_of_moves_of_their_product()
    {
        var moves = new ChannelMoves(2);
        await using var app = moves.ListenAsync("device1", "app", default).GetAsyncEnumerator();
        await using var other = moves.ListenAsync("device2", "other", default).GetAsyncEnumerator();
        Assert.True(await app.MoveNextAsync());
        Assert.True(await other.MoveNextAsync());
        var (heard, unheard) = (app.MoveNextAsync().AsTask(), other.MoveNextAsync().AsTask());

        moves.Moved("app");

        Assert.True(await heard);
        Assert.InRange(app.Current, TimeSpan.Zero, TimeSpan.FromMilliseconds(5));
        Assert.False(unheard.IsCompleted);
        moves.Moved("other");
        Assert.True(await unheard);
    }

    [Fact]
    public async Task A_move_between_two_looks_is_not_lost_and_several_are_one()
    {
        var moves = new ChannelMoves(1);
        await using var app = moves.ListenAsync("device3", "app", default).GetAsyncEnumerator();
        Assert.True(await app.MoveNextAsync());

        moves.Moved("app");
        moves.Moved("app");

        Assert.True(await app.MoveNextAsync());
        var next = app.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        moves.Moved("app");
        Assert.True(await next);
    }

    [Fact]
    public async Task Those_above_the_limit_are_refused_until_another_leaves()
    {
        var moves = new ChannelMoves(1);
        using var leaves = new CancellationTokenSource();
        var first = moves.ListenAsync("device4", "app", leaves.Token).GetAsyncEnumerator(leaves.Token);
        Assert.True(await first.MoveNextAsync());

        await using (var second = moves.ListenAsync("device5", "app", default).GetAsyncEnumerator())
        {
            var failure = await Assert.ThrowsAsync<ChunkOtaException>(async () => await second.MoveNextAsync());
            Assert.Equal(ErrorCodes.RateLimited, failure.Code);
        }

        await first.DisposeAsync();
        await using var third = moves.ListenAsync("device6", "app", default).GetAsyncEnumerator();
        Assert.True(await third.MoveNextAsync());
    }

    [Fact]
    public async Task A_device_that_listens_anew_takes_its_own_place_and_no_other()
    {
        var moves = new ChannelMoves(2);
        await using var other = moves.ListenAsync("other", "app", default).GetAsyncEnumerator();
        Assert.True(await other.MoveNextAsync());
        var calls = new List<IAsyncEnumerator<TimeSpan>>();
        for (var i = 0; i < 5; i++)
        {
            calls.Add(moves.ListenAsync("device", "app", default).GetAsyncEnumerator());
            Assert.True(await calls[^1].MoveNextAsync());
        }

        foreach (var ended in calls[..^1])
        {
            Assert.False(await ended.MoveNextAsync());
            await ended.DisposeAsync();
        }
        moves.Moved("app");

        Assert.True(await calls[^1].MoveNextAsync());
        Assert.True(await other.MoveNextAsync());
        await calls[^1].DisposeAsync();
        await using var third = moves.ListenAsync("third", "app", default).GetAsyncEnumerator();
        Assert.True(await third.MoveNextAsync());
    }
}
