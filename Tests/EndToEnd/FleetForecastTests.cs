using System.Text.Json;

namespace ChunkOta.Tests.EndToEnd;

public sealed class FleetForecastTests
{
    [Fact]
    public async Task A_forecast_weighs_the_versions_that_devices_report()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        await rig.PublishSampleAsync(1, "2.0.0");

        var before = await ForecastAsync(rig);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        var after = await ForecastAsync(rig);

        Assert.False(before.GetProperty("assumed").GetBoolean());
        var share = Assert.Single(before.GetProperty("from").EnumerateArray());
        Assert.Equal(("1.0.0", 1), (share.GetProperty("version").GetString(), share.GetProperty("devices").GetInt32()));
        Assert.True(before.GetProperty("p95_bytes").GetInt64() > 0);
        Assert.True(after.GetProperty("assumed").GetBoolean());
    }

    private static async Task<JsonElement> ForecastAsync(Rig rig)
    {
        var run = (await rig.AdminAsync("forecast", "app", "2.0.0", "--channel", "stable", "--json")).Succeeded();
        using var json = JsonDocument.Parse(run.Out);
        return json.RootElement.Clone();
    }
}
