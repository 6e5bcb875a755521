using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Agent.Update;

namespace ChunkOta.Tests.Agent.Progress;

public sealed class RunJournalTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_run_passes_through_its_stages_in_order()
    {
        var stages = new List<UpdateStage>();
        _rig.Progress = new Stages(stages);
        _rig.Source.Publish(UpdateRunTests.First(), 1);

        await _rig.UpdateAsync();

        Assert.Equal(
            [
                UpdateStage.Checking, UpdateStage.Planning, UpdateStage.Assembling, UpdateStage.Downloading,
                UpdateStage.Assembling, UpdateStage.Staged, UpdateStage.Activating,
            ],
            stages);
        Assert.Equal((UpdateStage.Committed, "1.0.0"), (Run().Stage, Run().Version));
    }

    [Fact]
    public async Task Status_shows_a_download_without_the_lock_which_the_run_holds()
    {
        await InstalledAsync();
        RunSummary? seen = null;
        _rig.Source.Publish(UpdateRunTests.First("1.1.0", 2).File("new", TestRelease.Random(8, 90_000)), 2);
        _rig.Source.BeforeFrame = frame =>
        {
            if (frame == 4)
                seen = _rig.Installed.Get("editor").Run;
        };

        await _rig.UpdateAsync();

        Assert.Equal((UpdateStage.Downloading, true, "1.1.0"), (seen!.Stage, seen.IsRunning, seen.Version));
        Assert.InRange(seen.DoneBytes, 0, seen.TotalBytes);
    }

    [Fact]
    public async Task Status_shows_why_a_run_waits_and_why_it_failed()
    {
        await InstalledAsync();
        RunSummary? waiting = null;
        _rig.Source.Publish(UpdateRunTests.First("1.1.0", 2).File("new", TestRelease.Random(8, 90_000)), 2);
        _rig.Source.BeforeFrame = _ =>
        {
            if (_rig.Source.FetchCalls.Count > 2)
                waiting ??= _rig.Installed.Get("editor").Run;
            throw new ChunkOtaException(
                ErrorCodes.ServerUnavailable, "away", new System.Net.Sockets.SocketException(
                    (int)System.Net.Sockets.SocketError.HostNotFound));
        };

        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal(
            ("dns", "SERVER_UNAVAILABLE", true), (waiting!.Cause, waiting.Code, waiting.IsRunning));
        var failed = _rig.Installed.Get("editor").Run!;
        Assert.Equal(
            (UpdateStage.Blocked, "dns", "away", false),
            (failed.Stage, failed.Cause, failed.Message, failed.IsRunning));
    }

    [Fact]
    public async Task A_trial_that_ends_after_its_run_is_over_for_status_too()
    {
        await InstalledAsync();
        _rig.Policy = new ProductPolicy { Health = new HealthPolicy { NeedsConfirmation = true } };
        _rig.Source.Publish(UpdateRunTests.First("1.1.0", 2), 2);
        await _rig.UpdateAsync();
        Assert.Equal((UpdateStage.Verifying, false), (Run().Stage, Run().IsRunning));

        Assert.True(await _rig.Installed.ConfirmAsync("editor"));
        Assert.Equal(UpdateStage.Committed, Run().Stage);
        _rig.Source.Publish(UpdateRunTests.First("1.2.0", 3), 3);
        await _rig.UpdateAsync();
        _rig.Installed.Revert("editor");

        Assert.Equal((UpdateStage.RolledBack, "1.2.0"), (Run().Stage, Run().Version));
    }

    [Fact]
    public async Task A_first_install_that_cannot_go_on_says_why_although_nothing_is_installed()
    {
        _rig.Source.Publish(UpdateRunTests.First(), 1);
        _rig.Source.BeforeFrame = _ => throw new ChunkOtaException(ErrorCodes.DiskFull, "the disk is full");
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        var failure = Assert.Throws<ChunkOtaException>(() => _rig.Installed.Get("editor"));

        Assert.Equal(
            (ErrorCodes.NotInstalled,
                "editor is not installed yet: blocked 1.0.0 (disk): DISK_FULL: the disk is full"),
            (failure.Code, failure.Message));
    }

    [Fact]
    public async Task A_check_that_finds_nothing_writes_nothing_unless_the_run_before_it_failed()
    {
        await InstalledAsync();
        var before = File.GetLastWriteTimeUtc(_rig.Product.RunPath);
        await _rig.UpdateAsync();
        Assert.Equal(before, File.GetLastWriteTimeUtc(_rig.Product.RunPath));

        var pointer = _rig.Source.Pointer;
        _rig.Source.TamperHeader = header => header.Pointer = null;
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());
        Assert.Equal((UpdateStage.Blocked, "verify"), (Run().Stage, Run().Cause));
        _rig.Source.TamperHeader = null;
        _rig.Source.Pointer = pointer;
        await _rig.UpdateAsync();
        Assert.Equal((UpdateStage.Idle, null), (Run().Stage, Run().Cause));
    }

    [Fact]
    public void A_run_that_was_killed_is_not_said_to_run()
    {
        var killed = new RunningProcess(RunningProcess.This.Id, "1", RunningProcess.This.BootId);

        Assert.True(RunningProcess.This.IsAlive);
        Assert.False(killed.IsAlive);
        Assert.False((RunningProcess.This with { BootId = "another boot" }).IsAlive);
    }

    [Fact]
    public async Task A_journal_that_is_damaged_or_cannot_be_written_changes_nothing()
    {
        await InstalledAsync();
        await File.WriteAllTextAsync(_rig.Product.RunPath, "{\"stage\":");
        Assert.Null(_rig.Installed.Get("editor").Run);
        _rig.Source.Publish(UpdateRunTests.First("1.1.0", 2), 2);

        using (FaultPoint.Arm($"mode=enospc;sticky;op=Rename;path={_rig.Product.RunPath}"))
            Assert.Equal(UpdateState.Installed, (await _rig.UpdateAsync()).State);
    }

    private async Task InstalledAsync()
    {
        _rig.Source.Publish(UpdateRunTests.First(), 1);
        await _rig.UpdateAsync();
    }

    private RunSummary Run() => _rig.Installed.Get("editor").Run!;

    private sealed class Stages(List<UpdateStage> seen) : IProgress<UpdateProgress>
    {
        public void Report(UpdateProgress value)
        {
            if (seen.Count == 0 || seen[^1] != value.Stage)
                seen.Add(value.Stage);
        }
    }
}
