using ChunkOta.Agent;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Health;

/// <summary>A new release that has to prove that it works, with real programs.</summary>
public sealed class HealthGateTests : IDisposable
{
    private readonly AgentRig _rig = new();
    private readonly TestRelease _first = new TestRelease("1.0.0", 1).File("app", "one");
    private readonly TestRelease _second = new TestRelease("1.1.0", 2).File("app", "two");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_release_whose_check_succeeds_is_kept_and_accepted()
    {
        await InstallFirstAsync();
        _rig.Policy = WithCommand("grep -q two $OTA_RELEASE/app && test $OTA_FROM_VERSION = 1.0.0");

        var result = await _rig.UpdateAsync();

        Assert.Equal(UpdateState.Installed, result.State);
        _rig.AssertCurrent(_second);
        Assert.Null(_rig.States.Find()!.Trial);
        Assert.Equal(2ul, _rig.Trust.AcceptedCounter);
    }

    [Fact]
    public async Task A_release_whose_check_fails_is_left_at_once_and_not_tried_again()
    {
        await InstallFirstAsync();
        _rig.Policy = WithCommand("echo no database; exit 3");

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal(ErrorCodes.HealthFailed, failure.Code);
        Assert.Equal(
            "editor 1.1.0 does not work: its health check exited with 3: no database; 1.0.0 is current again",
            failure.Message);
        _rig.AssertCurrent(_first);
        Assert.Equal(1ul, _rig.Trust.AcceptedCounter);
        _rig.Source.ChunksSent.Clear();

        var again = await _rig.UpdateAsync();

        Assert.Equal(UpdateState.Rejected, again.State);
        Assert.Equal("its health check exited with 3: no database", again.Rejected?.Cause);
        Assert.Empty(_rig.Source.ChunksSent);
        _rig.AssertCurrent(_first);
    }

    [Fact]
    public async Task A_newer_release_is_tried_although_one_was_rejected()
    {
        await RejectSecondAsync();
        var third = new TestRelease("1.2.0", 3).File("app", "three");
        _rig.Source.Publish(third, 3);
        _rig.Policy = WithCommand("exit 0");

        var result = await _rig.UpdateAsync();

        Assert.Equal(UpdateState.Installed, result.State);
        _rig.AssertCurrent(third);
    }

    [Fact]
    public async Task A_person_lifts_a_rejection_or_names_the_version()
    {
        await RejectSecondAsync();
        _rig.Policy = ProductPolicy.None;

        _rig.Installed.Unhold("editor");
        Assert.Equal(UpdateState.Installed, (await _rig.UpdateAsync()).State);
        _rig.AssertCurrent(_second);

        _rig.Installed.Revert("editor");
        Assert.Equal(UpdateState.Rejected, (await _rig.UpdateAsync()).State);
        Assert.Equal(UpdateState.Installed, (await _rig.UpdateAsync("1.1.0")).State);
        _rig.AssertCurrent(_second);
        Assert.Empty(_rig.States.Find()!.Rejected);
    }

    [Fact]
    public async Task A_release_that_must_be_confirmed_stays_on_trial_until_it_is()
    {
        await InstallFirstAsync();
        _rig.Policy = new ProductPolicy { Health = new HealthPolicy { NeedsConfirmation = true } };

        Assert.Equal(UpdateState.OnTrial, (await _rig.UpdateAsync()).State);
        Assert.Equal(UpdateState.OnTrial, (await _rig.UpdateAsync()).State);
        Assert.True(_rig.Installed.Get("editor").IsOnTrial);
        Assert.Equal(1ul, _rig.Trust.AcceptedCounter);
        Assert.Empty(_rig.Installed.Prune("editor", 2, isDryRun: false).Versions);

        Assert.True(await _rig.Installed.ConfirmAsync("editor"));

        Assert.False(_rig.Installed.Get("editor").IsOnTrial);
        Assert.Equal(2ul, _rig.Trust.AcceptedCounter);
        Assert.Equal(UpdateState.Unchanged, (await _rig.UpdateAsync()).State);
    }

    [Fact]
    public async Task What_a_trial_that_ends_in_a_run_has_accepted_outlasts_that_run()
    {
        await InstallFirstAsync();
        _rig.Policy = new ProductPolicy { Health = new HealthPolicy { NeedsConfirmation = true } };
        await _rig.UpdateAsync();
        var state = _rig.States.Find()!;
        _rig.States.Save(state with { Trial = state.Trial! with { IsConfirmed = true } });

        Assert.Equal(UpdateState.Unchanged, (await _rig.UpdateAsync()).State);

        Assert.Equal(2ul, _rig.Trust.AcceptedCounter);
    }

    [Fact]
    public async Task A_trial_that_is_over_its_time_ends_at_the_next_run_without_a_server()
    {
        await InstallFirstAsync();
        _rig.Policy = new ProductPolicy
        {
            Health = new HealthPolicy { NeedsConfirmation = true, DeadlineSeconds = 0 },
        };

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal(
            "editor 1.1.0 does not work: nobody confirmed it within 0 s; 1.0.0 is current again", failure.Message);
        _rig.AssertCurrent(_first);
    }

    [Fact]
    public async Task A_first_release_that_does_not_work_stays_for_want_of_another_one()
    {
        _rig.Source.Publish(_first, 1);
        var log = Path.Combine(_rig.Folder, "restarts");
        _rig.Policy = WithCommand("exit 1") with
        {
            AfterSwitch = ["/bin/sh", "-c", $"echo $OTA_FROM_VERSION to $OTA_VERSION >> {log}"],
        };

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal(ErrorCodes.HealthFailed, failure.Code);
        Assert.EndsWith("there is no release to go back to", failure.Message, StringComparison.Ordinal);
        _rig.AssertCurrent(_first);
        Assert.Equal(["to 1.0.0"], File.ReadAllLines(log));
        var summary = _rig.Installed.Get("editor");
        Assert.False(summary.IsOnTrial);
        Assert.Equal("its health check exited with 1", summary.HealthFailure);
        // The next run neither judges nor restarts it again, and leaves it for the next release.
        Assert.Equal(UpdateState.Unchanged, (await _rig.UpdateAsync()).State);
        Assert.NotNull(_rig.Installed.Get("editor").HealthFailure);
        _rig.Source.Publish(_second, 2);
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());
        _rig.AssertCurrent(_first);
        Assert.NotNull(_rig.Installed.Get("editor").HealthFailure);
        _rig.Policy = WithCommand("exit 0");
        await _rig.UpdateAsync("1.1.0");
        Assert.Null(_rig.Installed.Get("editor").HealthFailure);
        _rig.AssertCurrent(_second);
    }

    [Fact]
    public async Task A_first_release_that_failed_is_confirmed_by_a_person_who_knows_better()
    {
        _rig.Source.Publish(_first, 1);
        _rig.Policy = WithCommand("exit 1");
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.True(await _rig.Installed.ConfirmAsync("editor"));

        Assert.Null(_rig.Installed.Get("editor").HealthFailure);
        Assert.Empty(_rig.Installed.Get("editor").Rejected);
    }

    [Fact]
    public async Task A_held_product_stays_where_it_is_until_it_is_let_go()
    {
        await InstallFirstAsync();
        _rig.Installed.Hold("editor");

        Assert.Equal(UpdateState.Held, (await _rig.UpdateAsync()).State);
        _rig.AssertCurrent(_first);

        _rig.Installed.Unhold("editor");
        Assert.Equal(UpdateState.Installed, (await _rig.UpdateAsync()).State);
        _rig.AssertCurrent(_second);
    }

    [Fact]
    public async Task A_program_that_fails_before_the_switch_keeps_the_old_release()
    {
        await InstallFirstAsync();
        _rig.Policy = new ProductPolicy { BeforeSwitch = ["/bin/sh", "-c", "echo users are working; exit 1"] };

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal(ErrorCodes.HookFailed, failure.Code);
        _rig.AssertCurrent(_first);
        _rig.Policy = ProductPolicy.None;
        _rig.Source.ChunksSent.Clear();
        await _rig.UpdateAsync();
        _rig.AssertCurrent(_second);
        Assert.Empty(_rig.Source.ChunksSent);
    }

    [Fact]
    public async Task The_program_that_follows_a_switch_also_follows_the_way_back()
    {
        await InstallFirstAsync();
        var log = Path.Combine(_rig.Folder, "restarts");
        _rig.Policy = WithCommand("exit 1") with
        {
            AfterSwitch = ["/bin/sh", "-c", $"echo $OTA_FROM_VERSION to $OTA_VERSION >> {log}"],
        };

        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal(["1.0.0 to 1.1.0", "1.1.0 to 1.0.0"], File.ReadAllLines(log));
    }

    [Fact]
    public async Task A_way_back_that_was_interrupted_is_finished_by_the_next_run()
    {
        await InstallFirstAsync();
        _rig.Policy = new ProductPolicy { Health = new HealthPolicy { NeedsConfirmation = true } };
        await _rig.UpdateAsync();
        var state = _rig.States.Find()!;
        // As a kill leaves it between the record and the flip.
        _rig.States.Save(state with
        {
            Pending = new PendingSwitch(
                "rollback",
                state.Current,
                state.PreviousRelease!,
                0,
                Rejected: new RejectedRelease("1.1.0", state.Current!.Value, 0, "it crashed")),
        });

        Assert.Equal(UpdateState.Rejected, (await _rig.UpdateAsync()).State);

        _rig.AssertCurrent(_first);
        var after = _rig.States.Find()!;
        Assert.Null(after.Trial);
        Assert.Equal("it crashed", Assert.Single(after.Rejected).Cause);
    }

    [Fact]
    public async Task The_release_that_a_failed_trial_could_lead_back_to_stays_until_the_trial_is_over()
    {
        await InstallFirstAsync();
        await _rig.UpdateAsync();
        _rig.Source.Publish(new TestRelease("1.2.0", 3).File("app", "three"), 3);
        _rig.Policy = new ProductPolicy { Health = new HealthPolicy { NeedsConfirmation = true } };
        await _rig.UpdateAsync();

        Assert.Empty(_rig.Installed.Prune("editor", 2, isDryRun: false).Versions);
        Assert.Equal(["1.0.0", "1.1.0", "1.2.0"], _rig.InstalledVersions);
        Assert.True(await _rig.Installed.ConfirmAsync("editor"));

        Assert.Equal(["1.0.0"], _rig.Installed.Prune("editor", 2, isDryRun: false).Versions);
    }

    [Fact]
    public async Task A_check_that_is_stopped_for_another_command_does_not_count_against_the_release()
    {
        await InstallFirstAsync();
        var gate = Path.Combine(_rig.Folder, "gate");
        _rig.Policy = WithCommand($"test -e {gate} || sleep 60");
        for (var i = 0; i < 5; i++)
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => _rig.UpdateAsync(cancellationToken: stop.Token));
        }
        File.WriteAllText(gate, "");

        Assert.Equal(UpdateState.Unchanged, (await _rig.UpdateAsync()).State);

        _rig.AssertCurrent(_second);
        Assert.Null(_rig.States.Find()!.Trial);
    }

    private static ProductPolicy WithCommand(string script) =>
        new() { Health = new HealthPolicy { Command = ["/bin/sh", "-c", script] } };

    private async Task InstallFirstAsync()
    {
        _rig.Source.Publish(_first, 1);
        await _rig.UpdateAsync();
        _rig.Source.Publish(_second, 2);
    }

    private async Task RejectSecondAsync()
    {
        await InstallFirstAsync();
        _rig.Policy = WithCommand("exit 1");
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());
        _rig.AssertCurrent(_first);
    }
}
