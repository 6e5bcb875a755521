using ChunkOta.Server.Core;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Auth;

public sealed class ReplayCacheTests
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);
    private readonly ManualTime _clock = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_nonce_is_taken_once()
    {
        var cache = new ReplayCache(_clock, Life, 100);

        Assert.True(cache.TryRemember(Call("d1", 1)));
        Assert.False(cache.TryRemember(Call("d1", 1)));
        Assert.True(cache.TryRemember(Call("d1", 2)));
        Assert.True(cache.TryRemember(Call("d2", 1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void A_nonce_is_remembered_for_a_whole_life_wherever_in_a_generation_it_came(int minutesBefore)
    {
        var cache = new ReplayCache(_clock, Life, 100);
        _clock.Advance(TimeSpan.FromMinutes(minutesBefore));
        Assert.True(cache.TryRemember(Call("d", 1)));

        for (var second = 0; second < 300; second += 10)
        {
            Assert.False(cache.TryRemember(Call("d", 1)));
            _clock.Advance(TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public void After_two_lives_it_is_forgotten()
    {
        var cache = new ReplayCache(_clock, Life, 100);
        Assert.True(cache.TryRemember(Call("d", 1)));

        _clock.Advance(2 * Life);

        Assert.True(cache.TryRemember(Call("d", 1)));
    }

    [Fact]
    public void A_full_memory_refuses_rather_than_forgets()
    {
        var cache = new ReplayCache(_clock, Life, capacity: 3);
        for (byte i = 0; i < 3; i++) Assert.True(cache.TryRemember(Call("d", i)));

        var failure = Assert.Throws<ChunkOtaException>(() => cache.TryRemember(Call("d", 9)));

        Assert.Equal("BUSY", failure.Code);
        Assert.False(cache.TryRemember(Call("d", 0)));
    }

    private static UInt128 Call(string device, byte nonce) =>
        ReplayCache.KeyOf(device, [.. Enumerable.Repeat(nonce, 16)]);
}
