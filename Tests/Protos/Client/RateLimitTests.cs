using ChunkOta.Client;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Protos.Client;

public sealed class RateLimitTests
{
    [Theory]
    [InlineData(1_000, 20_000)]
    [InlineData(2_000_000, 10_000_000)]
    [InlineData(1_000_000_000, 300_000_000)]
    public async Task Bytes_take_the_time_that_the_limit_gives_them(long bytesPerSecond, int bytes)
    {
        var clock = new JumpingTime();
        var meter = new WireMeter();
        meter.LimitUp(bytesPerSecond, clock);
        using var sent = new CountingStream();
        await using var stream = new MeteredStream(sent, meter);

        for (var rest = bytes; rest > 0; rest -= 100_000)
            await stream.WriteAsync(new byte[Math.Min(rest, 100_000)]);

        Assert.Equal((bytes, bytes), (sent.Bytes, meter.Up));
        // All but the last piece has had its time.
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.9 * bytes / bytesPerSecond, 1.01 * bytes / bytesPerSecond);
        Assert.InRange(sent.LargestWrite, 1, Math.Max(512, (int)Math.Min(64 * 1024, bytesPerSecond / 20)));
        Assert.True(clock.LongestWait < TimeSpan.FromSeconds(1), $"{clock.LongestWait}");
    }

    [Theory]
    [InlineData(8 * 1024, 200_000)]
    [InlineData(2_000_000, 10_000_000)]
    public async Task What_is_received_is_spaced_out_while_the_limit_applies(long bytesPerSecond, int bytes)
    {
        var clock = new JumpingTime();
        var applies = true;
        var meter = new WireMeter { DownLimit = new DownloadLimit(bytesPerSecond, () => applies, clock) };
        await using var stream = new MeteredStream(new MemoryStream(new byte[2 * bytes]), meter);
        var buffer = new byte[100_000];

        while (meter.Down < bytes)
            Assert.InRange(await stream.ReadAsync(buffer), 1, 64 * 1024);
        var limited = clock.Elapsed;
        applies = false;
        while (await stream.ReadAsync(buffer) > 0)
            Assert.Equal(limited, clock.Elapsed);

        Assert.Equal(2 * bytes, meter.Down);
        Assert.InRange(limited.TotalSeconds, 0.85 * bytes / bytesPerSecond, 1.05 * bytes / bytesPerSecond);
        Assert.InRange(meter.DownLimit.WindowBytes, 65_535, 1024 * 1024);
    }

    [Fact]
    public async Task Without_a_limit_nothing_waits()
    {
        using var sent = new CountingStream();
        await using var stream = new MeteredStream(sent, new WireMeter());

        await stream.WriteAsync(new byte[5_000_000]);

        Assert.Equal(5_000_000, sent.LargestWrite);
    }

    private sealed class CountingStream : MemoryStream
    {
        public int Bytes { get; private set; }

        public int LargestWrite { get; private set; }

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Bytes += buffer.Length;
            LargestWrite = Math.Max(LargestWrite, buffer.Length);
            return ValueTask.CompletedTask;
        }
    }
}
