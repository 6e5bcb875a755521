using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Reading;

public sealed class ByteBoundedCacheTests
{
    private readonly ByteBoundedCache<int, string> _cache = new(100);

    [Fact]
    public void What_was_used_last_stays_when_space_is_short()
    {
        foreach (var key in Enumerable.Range(1, 4)) _cache.Keep(key, $"{key}", 25);
        Assert.Equal("1", _cache.Find(1));

        _cache.Keep(5, "5", 25);

        Assert.Null(_cache.Find(2));
        Assert.Equal(["1", "3", "4", "5"], new[] { 1, 3, 4, 5 }.Select(_cache.Find));
        Assert.Equal(100, _cache.Bytes);
    }

    [Fact]
    public void A_value_of_more_than_half_the_limit_is_not_kept()
    {
        _cache.Keep(1, "1", 20);

        _cache.Keep(2, "2", 51);

        Assert.Null(_cache.Find(2));
        Assert.Equal("1", _cache.Find(1));
    }

    [Fact]
    public void Keeping_again_replaces()
    {
        _cache.Keep(1, "old", 20);

        _cache.Keep(1, "new", 10);

        Assert.Equal("new", _cache.Find(1));
        Assert.Equal(10, _cache.Bytes);
    }

    [Fact]
    public void With_no_space_nothing_is_kept()
    {
        var none = new ByteBoundedCache<int, string>(0);

        none.Keep(1, "1", 1);

        Assert.Null(none.Find(1));
    }
}
