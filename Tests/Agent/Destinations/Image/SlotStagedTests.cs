using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Destinations.Image;

/// <summary>An image that is written to its slot and waits there until a person agrees to it.</summary>
public sealed class SlotStagedTests : IDisposable
{
    private static readonly SwitchStop UntilConsent = new();
    private readonly SlotRig _slots = new();
    private readonly TestRelease _first = SlotRig.Image("1.0.0", 1, TestRelease.Random(1, 60_000));
    private readonly TestRelease _second = SlotRig.Image("1.1.0", 2, TestRelease.Random(2, 60_000));

    private AgentRig Rig => _slots.Rig;

    public void Dispose() => _slots.Dispose();

    [Fact]
    public async Task A_second_poll_fetches_and_writes_nothing_and_consent_activates()
    {
        await StageAsync();

        UpdateResult again;
        using (FaultPoint.Arm($"mode=eio;sticky;path={_slots.PathOf(SlotName.A)}"))
            again = await Rig.UpdateAsync(stop: UntilConsent);

        Assert.Equal((UpdateState.Staged, 0), (again.State, again.Seconds.Plan));
        Assert.Empty(Rig.Source.ChunksSent);
        AssertWaits();
        Rig.Installed.Consent("editor", isConsented: true, askAgain: null);
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync(stop: UntilConsent)).State);
        Assert.Empty(Rig.Source.ChunksSent);
        Assert.Equal("1.1.0", _slots.Boot().Version);
        Assert.Equal(UpdateState.Unchanged, (await Rig.UpdateAsync(stop: UntilConsent)).State);
        _slots.AssertRuns(_second);
    }

    [Fact]
    public async Task An_image_that_was_complete_when_the_power_was_cut_waits_as_well()
    {
        await StageAsync();
        // The slot was recorded as complete, and the release not as staged.
        Rig.States.Save(_slots.State with { Staged = null });

        var again = await Rig.UpdateAsync(stop: UntilConsent);

        Assert.Equal((UpdateState.Staged, 0), (again.State, again.WrittenBytes));
        Assert.Empty(Rig.Source.ChunksSent);
        AssertWaits();
        Assert.Equal("1.1.0", _slots.State.Staged?.Version);
    }

    [Fact]
    public async Task A_slot_that_was_damaged_meanwhile_is_written_again_where_it_is_wrong()
    {
        await StageAsync();
        var damaged = SlotRig.Changed(_second.Files["firmware.img"], 30_000);
        File.WriteAllBytes(_slots.PathOf(SlotName.A), damaged);
        File.AppendAllText(_slots.PathOf(SlotName.A), new string('x', SlotRig.SlotBytes - damaged.Length));
        Rig.Installed.Consent("editor", isConsented: true, askAgain: null);

        var result = await Rig.UpdateAsync(stop: UntilConsent);

        Assert.Equal(UpdateState.OnTrial, result.State);
        Assert.InRange(Rig.Source.ChunksSent.Count, 1, 2);
        Assert.InRange(result.WrittenBytes ?? 0, 1, 4096);
        Assert.Equal("1.1.0", _slots.Boot().Version);
    }

    [Fact]
    public async Task A_newer_release_takes_the_slot_of_one_that_waits()
    {
        await StageAsync();
        Rig.Installed.Consent("editor", isConsented: true, askAgain: null);
        var third = SlotRig.Image("1.2.0", 3, TestRelease.Random(3, 60_000));
        Rig.Source.Publish(third, 3);

        Assert.Equal(UpdateState.Staged, (await Rig.UpdateAsync(stop: UntilConsent)).State);

        AssertWaits();
        _slots.AssertHolds(SlotName.A, third);
    }

    /// <summary>Leaves the first release running from slot B, and the second one complete in slot A.</summary>
    private async Task StageAsync()
    {
        await _slots.RunAsync(_first, 1);
        Rig.Source.Publish(_second, 2);
        Assert.Equal(UpdateState.Staged, (await Rig.UpdateAsync(stop: UntilConsent)).State);
        _slots.AssertHolds(SlotName.A, _second);
        Rig.Source.ChunksSent.Clear();
    }

    private void AssertWaits()
    {
        Assert.Equal(new BootPlan(SlotName.B, null), _slots.Bootloader.Read());
        _slots.AssertRuns(_first);
    }
}
