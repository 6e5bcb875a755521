using ChunkOta.Agent;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Activation;

/// <summary>A new image is started a few times; it is kept, or the other slot is started again.</summary>
public sealed class BootActivationTests : IDisposable
{
    private readonly SlotRig _slots = new();
    private readonly TestRelease _first = SlotRig.Image("1.0.0", 1, TestRelease.Random(1, 30_000));
    private readonly TestRelease _second = SlotRig.Image("1.1.0", 2, TestRelease.Random(2, 30_000));

    private AgentRig Rig => _slots.Rig;

    public void Dispose() => _slots.Dispose();

    [Fact]
    public async Task Before_the_restart_nothing_is_judged()
    {
        _slots.Health = new HealthPolicy { Command = ["/bin/false"], NeedsConfirmation = true };
        await InstallSecondAsync();

        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);
        Assert.False(await Rig.Installed.ConfirmAsync("editor"));

        Assert.False(_slots.State.Trial!.IsConfirmed);
        Assert.Equal(0, _slots.State.Trial.Checks);
        Assert.Equal(SlotName.A, _slots.Bootloader.Read().First);
    }

    [Fact]
    public async Task An_image_that_is_confirmed_after_its_start_is_kept()
    {
        _slots.Health = new HealthPolicy { NeedsConfirmation = true };
        await InstallSecondAsync();
        _slots.Boot();
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);

        Assert.True(await Rig.Installed.ConfirmAsync("editor"));

        Assert.Equal(new BootPlan(SlotName.A, null), _slots.Bootloader.Read());
        _slots.AssertRuns(_second);
    }

    [Fact]
    public async Task An_image_that_nobody_keeps_is_left_by_the_boot_loader_and_not_installed_again()
    {
        await InstallSecondAsync();
        Assert.Equal(["1.1.0", "1.1.0", "1.0.0", "1.0.0"], Enumerable.Range(0, 4).Select(_ => _slots.Boot().Version));

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());

        Assert.Equal(ErrorCodes.HealthFailed, failure.Code);
        Assert.Equal(
            "editor 1.1.0 does not work: the machine did not start with it; 1.0.0 is current again", failure.Message);
        _slots.AssertRuns(_first);
        Assert.Equal(UpdateState.Rejected, (await Rig.UpdateAsync()).State);
        Assert.Equal("1.0.0", _slots.Boot().Version);
    }

    [Fact]
    public async Task An_image_whose_check_fails_is_left_at_the_next_restart()
    {
        await InstallSecondAsync(new HealthPolicy { Command = ["/bin/false"] });
        Assert.Equal("1.1.0", _slots.Boot().Version);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());

        Assert.Contains("its health check exited with 1", failure.Message);
        Assert.Equal("1.0.0", _slots.State.CurrentRelease?.Version);
        Assert.Equal("1.0.0", _slots.Boot().Version);
        Assert.Equal(UpdateState.Rejected, (await Rig.UpdateAsync()).State);
    }

    [Fact]
    public async Task A_first_image_that_does_not_start_leaves_the_machine_with_the_one_from_the_factory()
    {
        Rig.Source.Publish(_first, 1);
        await Rig.UpdateAsync();
        _slots.Bootloader.Start();
        _slots.Bootloader.Start();
        _slots.Bootloader.NoteRunning(_slots.Bootloader.Start());

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());

        Assert.Contains("what ran before it runs again", failure.Message);
        Assert.Equal(new BootPlan(SlotName.A, null), _slots.Bootloader.Read());
        Assert.Null(_slots.State.Current);
        Assert.Equal(UpdateState.Rejected, (await Rig.UpdateAsync()).State);
    }

    [Fact]
    public async Task A_first_image_whose_check_fails_is_left_and_the_program_that_restarts_the_machine_runs()
    {
        var log = Path.Combine(Rig.Folder, "after");
        _slots.Health = new HealthPolicy { Command = ["/bin/false"], MaxAttempts = 2 };
        Rig.Policy = Rig.Policy with
        {
            AfterSwitch = ["/bin/sh", "-c", $"echo \"to $OTA_VERSION, from $OTA_FROM_VERSION, $OTA_RELEASE\" >>{log}"],
        };
        Rig.Source.Publish(_first, 1);
        await Rig.UpdateAsync();
        _slots.Boot();

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());

        Assert.EndsWith("what ran before it runs again at the next restart", failure.Message);
        Assert.Equal(new BootPlan(SlotName.A, null), _slots.Bootloader.Read());
        Assert.Equal(
            [$"to 1.0.0, from , {_slots.PathOf(SlotName.B)}", $"to , from 1.0.0, {_slots.PathOf(SlotName.A)}"],
            File.ReadAllLines(log));
    }

    [Fact]
    public async Task A_device_that_went_back_to_the_image_from_the_factory_takes_the_next_release()
    {
        Rig.Source.Publish(_first, 1);
        await Rig.UpdateAsync();
        for (var start = 0; start < 3; start++)
            _slots.Bootloader.NoteRunning(_slots.Bootloader.Start());
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());

        Assert.Equal(["editor"], Rig.Installed.ListNames());
        var summary = Rig.Installed.Get("editor");
        Assert.Null(summary.Current);
        Assert.Equal("1.0.0", Assert.Single(summary.Rejected).Version);

        Rig.Source.Publish(_second, 2);
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);
        Assert.Equal("1.1.0", _slots.Boot().Version);
        await Rig.UpdateAsync();
        _slots.AssertRuns(_second);
    }

    [Fact]
    public async Task A_slot_that_is_to_be_started_and_is_refused_is_written_with_the_next_release()
    {
        _slots.Health = new HealthPolicy { Command = ["/bin/false"], MaxAttempts = 2 };
        Rig.Source.Publish(_first, 1);
        await Rig.UpdateAsync();
        _slots.Boot();
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync());
        Rig.Source.Publish(_second, 2);
        Assert.Equal(ErrorCodes.Busy, (await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Rig.UpdateAsync())).Code);

        // Nobody has signed the image from the factory.
        Assert.Equal("A", Assert.Single(_slots.Boot().Refused).Slot);
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);

        Assert.Equal("1.1.0", _slots.Boot().Version);
    }

    [Fact]
    public async Task The_deadline_of_a_trial_begins_when_the_image_runs()
    {
        await InstallSecondAsync(new HealthPolicy { NeedsConfirmation = true });
        Assert.Equal((TrialRules.NextBoot, 0), (_slots.State.Trial!.BootId, _slots.State.Trial.Boots));

        _slots.Boot();
        var now = MachineBoot.Now(Rig.Clock);
        await Rig.UpdateAsync();

        Assert.Equal((now.BootId, 1), (_slots.State.Trial!.BootId, _slots.State.Trial.Boots));
        Assert.True(_slots.State.Trial.StartedSeconds >= now.UptimeSeconds);
    }

    [Fact]
    public async Task A_person_goes_back_to_the_other_slot()
    {
        await InstallSecondAsync();
        _slots.Boot();
        await Rig.UpdateAsync();

        Rig.Installed.Revert("editor");

        Assert.Equal(new BootPlan(SlotName.B, null), _slots.Bootloader.Read());
        Assert.Equal("1.0.0", _slots.Boot().Version);
        _slots.AssertRuns(_first);
    }

    [Fact]
    public async Task A_release_that_the_other_slot_still_holds_is_activated_without_a_download()
    {
        await InstallSecondAsync();
        _slots.Boot();
        await Rig.UpdateAsync();
        Rig.Installed.Revert("editor");
        Assert.Equal("1.0.0", _slots.Boot().Version);
        Rig.Source.ChunksSent.Clear();

        var result = await Rig.UpdateAsync("1.1.0");

        Assert.Equal(UpdateState.OnTrial, result.State);
        Assert.Empty(Rig.Source.ChunksSent);
        Assert.Equal("1.1.0", _slots.Boot().Version);
    }

    [Fact]
    public void A_boot_loader_starts_a_slot_as_often_as_the_plan_says()
    {
        var plan = new BootPlan(SlotName.B, 2);

        Assert.Equal(new BootPlan(SlotName.B, 1), plan = plan.Start());
        Assert.Equal(new BootPlan(SlotName.B, 0), plan = plan.Start());
        Assert.Equal(new BootPlan(SlotName.A, null), plan = plan.Start());
        Assert.Equal(new BootPlan(SlotName.A, null), plan.Start());
    }

    /// <summary>Leaves the first release running from slot B, and the second one in slot A.</summary>
    private async Task InstallSecondAsync(HealthPolicy? health = null)
    {
        var asked = Rig.Policy.Health;
        _slots.Health = new HealthPolicy { MaxAttempts = 2 };
        await _slots.RunAsync(_first, 1);
        _slots.Health = health ?? asked;
        Rig.Source.Publish(_second, 2);
        Assert.Equal(UpdateState.OnTrial, (await Rig.UpdateAsync()).State);
        Assert.Equal(SlotName.A, _slots.Bootloader.Read().First);
    }
}
