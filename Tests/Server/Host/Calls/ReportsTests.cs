using ChunkOta.Client;
using ChunkOta.Protos.V1;
using Cause = ChunkOta.Protos.V1.FailureCause;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>What devices say of themselves: bounded and escaped, whatever they send.</summary>
public sealed class ReportsTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task A_report_of_a_megabyte_becomes_a_short_line_that_moves_no_cursor()
    {
        using var publisher = await fixture.CreateProductAsync();
        using var device = await fixture.EnrolAsync(publisher);

        await device.Devices.ReportAsync(new ReportRequest
        {
            Product = publisher.Product,
            State = DeviceState.Failed,
            RunningVersion = "1.0.0\n\u001b[2Jforged " + new string('x', 300_000),
            CauseCode = "DISK_FULL",
            CauseText = "no space\r\nfalse line \u001b[2J" + new string('y', 600_000),
            Cause = Cause.Inodes,
            Stage = UpdateStage.Assembling,
        });

        var line = (await fixture.Server.WaitForLogAsync("DISK_FULL (inodes)"))
            .Split('\n').Single(text => text.Contains("DISK_FULL (inodes)", StringComparison.Ordinal));
        Assert.InRange(line.Length, 100, 2_000);
        Assert.Contains("forged", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', line);
    }

    [Fact]
    public async Task Progress_counts_in_the_figures_until_the_outcome_is_told()
    {
        using var publisher = await fixture.CreateProductAsync();
        using var device = await fixture.EnrolAsync(publisher);

        await device.Devices.ReportAsync(new ReportRequest
        {
            Product = publisher.Product,
            State = DeviceState.Downloading,
            Stage = UpdateStage.Downloading,
            Cause = Cause.TooSlow,
            DoneBytes = 10,
            TotalBytes = 100,
            BytesPerSecond = 7,
        });
        Assert.Equal((1ul, 1ul, 7ul), await ReadAsync(publisher));
        await device.Devices.ReportAsync(
            new ReportRequest { Product = publisher.Product, State = DeviceState.Succeeded });

        Assert.Equal((0ul, 0ul, 0ul), await ReadAsync(publisher));
    }

    private static async Task<(ulong Updating, ulong Waiting, ulong Rate)> ReadAsync(TestPublisher publisher)
    {
        var store = (await publisher.Administration.GetStatsAsync(new GetStatsRequest())).Store;
        return (store.UpdatingDevices, store.WaitingDevices, store.UpdateBytesPerSecond);
    }
}
