using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Deltas;

public sealed class FleetForecastTests
{
    [Fact]
    public void A_fleet_of_one_version_pays_the_same_everywhere() =>
        Assert.Equal(new FleetForecast(10, 7, 7, 70, 100), FleetForecast.Of([new FleetCost(10, 7, 100)]));

    [Fact]
    public void Percentiles_are_those_of_devices_and_not_of_versions()
    {
        var forecast = FleetForecast.Of([new(5, 900, 1), new(93, 10, 2), new(2, 400, 3)]);

        Assert.Equal(new FleetForecast(100, 10, 400, (93 * 10) + (2 * 400) + (5 * 900), 3), forecast);
    }

    [Theory]
    [InlineData(94, 6, 500)]
    [InlineData(95, 5, 10)]
    public void The_95th_of_100_devices_is_the_nearest_rank(long cheap, long dear, long p95) =>
        Assert.Equal(p95, FleetForecast.Of([new(cheap, 10, 0), new(dear, 500, 0)]).P95Bytes);

    [Fact]
    public void No_devices_cost_nothing() =>
        Assert.Equal(new FleetForecast(0, 0, 0, 0, 0), FleetForecast.Of([new FleetCost(0, 900, 900)]));

    [Fact]
    public void A_sum_beyond_all_numbers_stays_the_largest() =>
        Assert.Equal(long.MaxValue, FleetForecast.Of([new FleetCost(long.MaxValue, long.MaxValue, 0)]).EgressBytes);

    [Fact]
    public void A_sorted_list_of_devices_gives_the_same_percentiles()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var parts = Enumerable.Range(0, random.Next(1, 8))
                .Select(_ => new FleetCost(random.Next(1, 40), random.Next(0, 50), 0)).ToList();
            var all = parts.SelectMany(part => Enumerable.Repeat(part.Bytes, (int)part.Devices)).Order().ToList();

            var forecast = FleetForecast.Of(parts);

            Assert.Equal(all[(((all.Count * 50) + 99) / 100) - 1], forecast.P50Bytes);
            Assert.Equal(all[(((all.Count * 95) + 99) / 100) - 1], forecast.P95Bytes);
            Assert.Equal(all.Sum(), forecast.EgressBytes);
        }
    }
}
