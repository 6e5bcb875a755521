using ChunkOta.Admin;

namespace ChunkOta.Tests.Admin.Forecasting;

public sealed class ForecastLimitTests
{
    private static readonly ForecastReport Forecast = new()
    {
        Product = "app",
        Version = "2.0.0",
        Platform = "any",
        Assumed = false,
        Devices = 100,
        P50Bytes = 10,
        P95Bytes = 2_000_000,
        EgressBytes = 3_000,
        PeakDiskBytes = 4_000,
        From = [],
    };

    [Theory]
    [InlineData("p95>200MB", "p95", 200_000_000)]
    [InlineData("p50>1.5kB", "p50", 1500)]
    [InlineData("egress > 2 TB", "egress", 2_000_000_000_000)]
    [InlineData("disk>1GiB", "disk", 1L << 30)]
    [InlineData("disk>1KiB", "disk", 1024)]
    [InlineData("p95>0", "p95", 0)]
    [InlineData("p95>12B", "p95", 12)]
    public void A_limit_is_a_figure_and_bytes_with_a_unit(string text, string figure, ulong bytes)
    {
        Assert.True(ForecastLimit.TryParse(text, out var limit));
        Assert.Equal((figure, bytes), (limit.Figure, limit.Bytes));
    }

    [Theory]
    [InlineData("")]
    [InlineData("p95")]
    [InlineData("p95>")]
    [InlineData("p99>1MB")]
    [InlineData("p95<1MB")]
    [InlineData("p95>=1MB")]
    [InlineData("p95>-1")]
    [InlineData("p95>1XB")]
    [InlineData("p95>1KB")]
    [InlineData("p95>1e6")]
    [InlineData("p95>99999999999PB")]
    public void Anything_else_is_refused(string text) => Assert.False(ForecastLimit.TryParse(text, out _));

    [Theory]
    [InlineData("p95>2MB", false)]
    [InlineData("p95>1999999", true)]
    [InlineData("egress>2999", true)]
    [InlineData("disk>4kB", false)]
    [InlineData("p50>9", true)]
    public void A_limit_is_exceeded_by_what_is_more(string text, bool isExceeded)
    {
        Assert.True(ForecastLimit.TryParse(text, out var limit));
        Assert.Equal(isExceeded, limit.IsExceededBy(Forecast));
    }
}
