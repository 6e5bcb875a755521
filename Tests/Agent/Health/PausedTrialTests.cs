using ChunkOta.Agent;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Health;

/// <summary>A trial goes on while the conditions of the machine forbid an update.</summary>
public sealed class PausedTrialTests : IDisposable
{
    private readonly AgentRig _rig = new();
    private readonly TestRelease _first = new TestRelease("1.0.0", 1).File("app", "one");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_release_that_does_not_work_is_left_while_the_machine_runs_on_its_battery()
    {
        _rig.Source.Publish(_first, 1);
        await _rig.UpdateAsync();
        _rig.Source.Publish(new TestRelease("1.1.0", 2).File("app", "two"), 2);
        _rig.Policy = new ProductPolicy { Health = new HealthPolicy { NeedsConfirmation = true } };
        Assert.Equal(UpdateState.OnTrial, (await _rig.UpdateAsync()).State);
        var state = _rig.States.Find()!;
        _rig.States.Save(state with
        {
            Trial = state.Trial! with { Policy = state.Trial.Policy with { DeadlineSeconds = 0 } },
        });
        var events = new List<WatchEvent>();

        var end = await TurnOnBattery(events).RunAsync("editor", CancellationToken.None);

        _rig.AssertCurrent(_first);
        Assert.Equal(TurnEndKind.Failed, end.Kind);
        Assert.Equal("HEALTH_FAILED", events[^1].Failure?.Code);
        Assert.Equal(
            TurnEndKind.Paused, (await TurnOnBattery(events).RunAsync("editor", CancellationToken.None)).Kind);
    }

    private ProductTurn TurnOnBattery(List<WatchEvent> events)
    {
        var battery = Path.Combine(_rig.Folder, "power", "BAT0");
        Directory.CreateDirectory(battery);
        File.WriteAllText(Path.Combine(battery, "type"), "Battery\n");
        File.WriteAllText(Path.Combine(battery, "status"), "Discharging\n");
        var policy = new WatchPolicy { PauseOnBattery = true, PowerSupplyFolder = Path.Combine(_rig.Folder, "power") };
        return new ProductTurn(
            _rig.Installed,
            new AgentSettings { Watch = policy },
            LocalWindows.Of([], TimeZoneInfo.Utc),
            new DeviceConditions(policy, _ => null),
            new Events(events),
            _rig.Clock);
    }

    private sealed class Events(List<WatchEvent> list) : IProgress<WatchEvent>
    {
        public void Report(WatchEvent value) => list.Add(value);
    }
}
