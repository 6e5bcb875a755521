using ChunkOta.Agent;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Conditions;

public sealed class PowerSupplyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_battery_that_is_discharged_without_mains_is_in_use()
    {
        Supply("BAT0", ("type", "Battery"), ("status", "Discharging"));
        Supply("AC", ("type", "Mains"), ("online", "0"));

        Assert.True(PowerSupply.IsOnBattery(_folder.Path));
    }

    [Theory]
    [InlineData("Charging")]
    [InlineData("Full")]
    [InlineData("Not charging")]
    public void A_battery_that_is_not_discharged_is_not(string status)
    {
        Supply("BAT0", ("type", "Battery"), ("status", status));

        Assert.False(PowerSupply.IsOnBattery(_folder.Path));
    }

    [Theory]
    [InlineData("Mains")]
    [InlineData("USB")]
    public void A_supply_that_is_connected_counts_more_than_a_battery(string type)
    {
        Supply("BAT0", ("type", "Battery"), ("status", "Discharging"));
        Supply("ADP1", ("type", type), ("online", "1"));

        Assert.False(PowerSupply.IsOnBattery(_folder.Path));
    }

    [Fact]
    public void The_battery_of_a_mouse_is_not_the_machines()
    {
        Supply("hid-mouse", ("type", "Battery"), ("status", "Discharging"), ("scope", "Device"));

        Assert.False(PowerSupply.IsOnBattery(_folder.Path));
    }

    [Fact]
    public void A_machine_without_supplies_has_no_battery()
    {
        Supply("odd");

        Assert.False(PowerSupply.IsOnBattery(_folder.Path));
        Assert.False(PowerSupply.IsOnBattery(_folder["missing"]));
    }

    private void Supply(string name, params (string Name, string Value)[] files)
    {
        Directory.CreateDirectory(_folder[name]);
        foreach (var (file, value) in files)
            File.WriteAllText(Path.Combine(_folder[name], file), $"{value}\n");
    }
}
