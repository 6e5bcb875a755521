using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Collection;

public sealed class NumberSetTests
{
    [Fact]
    public void A_set_holds_the_numbers_that_were_added_and_no_other()
    {
        var set = new NumberSet();
        long[] numbers = [0, 1, 63, 64, 65_535, 65_536, 1_000_000_007, long.MaxValue];

        Assert.All(numbers, number => Assert.True(set.Add(number)));

        Assert.All(numbers, number => Assert.False(set.Add(number)));
        Assert.All(numbers, number => Assert.True(set.Contains(number)));
        Assert.All([2, 62, 66, 65_534, 65_537, long.MaxValue - 1], number => Assert.False(set.Contains(number)));
    }
}
