using ChunkOta.Agent;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Update;

public sealed class ProgressReportsTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly AgentRig _rig = new();
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_step_is_told_within_a_second_and_then_its_newest_bytes_every_five_seconds()
    {
        var monitor = new RunMonitor(_time);
        await using (new ProgressReports(AgentRig.Goal(), monitor, _rig.Source))
        {
            for (var i = 1; i <= 120; i++)
            {
                monitor.Advance(UpdateStage.Downloading, i * 10, 2_000);
                _time.Advance(TimeSpan.FromMilliseconds(100));
                if (i % 50 == 10)
                    await ToldAsync((i / 50) + 1);
            }
            monitor.Enter(UpdateStage.Staged);
            _time.Advance(Second);
            await ToldAsync(4);
        }

        Assert.Equal(
            [(UpdateStage.Downloading, 100), (UpdateStage.Downloading, 600), (UpdateStage.Downloading, 1_100),
                (UpdateStage.Staged, 0)],
            _rig.Source.Notes.Select(note => (note.Progress.Stage, note.Progress.DoneBytes)));
    }

    [Fact]
    public async Task Steps_that_follow_each_other_fast_are_told_once_a_second()
    {
        var monitor = new RunMonitor(_time);
        await using (new ProgressReports(AgentRig.Goal(), monitor, _rig.Source))
        {
            for (var i = 1; i <= 100; i++)
            {
                monitor.Enter(i % 2 == 0 ? UpdateStage.Downloading : UpdateStage.Assembling);
                _time.Advance(TimeSpan.FromMilliseconds(30));
                if (i is 34 or 67 or 100)
                    await ToldAsync(i / 33);
            }
        }

        Assert.Equal(3, _rig.Source.Notes.Count);
    }

    [Fact]
    public async Task An_update_that_is_over_within_a_second_and_what_is_no_transfer_is_not_told()
    {
        var monitor = new RunMonitor(_time);
        await using (new ProgressReports(AgentRig.Goal(), monitor, _rig.Source))
        {
            monitor.Enter(UpdateStage.Checking);
            _time.Advance(TimeSpan.FromSeconds(20));
            monitor.Advance(UpdateStage.Downloading, 1, 2);
            _time.Advance(TimeSpan.FromMilliseconds(900));
        }

        Assert.Empty(_rig.Source.Notes);
    }

    [Fact]
    public async Task What_does_not_change_is_told_before_the_server_forgets_it()
    {
        var monitor = new RunMonitor(_time);
        await using (new ProgressReports(AgentRig.Goal(), monitor, _rig.Source))
        {
            monitor.Advance(UpdateStage.Downloading, 1, 2);
            _time.Advance(Second);
            await ToldAsync(1);
            for (var told = 2; told <= 3; told++)
            {
                _time.Advance(TimeSpan.FromSeconds(29));
                _time.Advance(Second);
                await ToldAsync(told);
            }
        }

        Assert.Equal(3, _rig.Source.Notes.Count);
    }

    [Fact]
    public async Task The_cause_of_a_wait_is_told_within_a_second()
    {
        var monitor = new RunMonitor(_time);
        await using (new ProgressReports(AgentRig.Goal(), monitor, _rig.Source))
        {
            monitor.Advance(UpdateStage.Downloading, 1, 2);
            _time.Advance(Second);
            await ToldAsync(1);
            monitor.Wait(new ChunkOtaException(ErrorCodes.TooSlow, "slow"), isFirst: true);
            _time.Advance(Second);
            await ToldAsync(2);
        }

        Assert.Equal([null, FailureCause.TooSlow], _rig.Source.Notes.Select(note => note.Progress.Cause));
    }

    [Fact]
    public async Task A_server_that_is_slow_to_hear_holds_nothing_up()
    {
        var calls = 0;
        _rig.Source.BeforeTelling = async cancellation =>
        {
            Interlocked.Increment(ref calls);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        };
        var monitor = new RunMonitor(_time);
        var reports = new ProgressReports(AgentRig.Goal(), monitor, _rig.Source);
        for (var i = 1; i <= 100; i++)
        {
            monitor.Advance(UpdateStage.Downloading, i, 100);
            _time.Advance(Second);
        }
        await Eventually.Async("a call", () => Volatile.Read(ref calls) > 0);

        await Eventually.Async("the end of the reports", reports.DisposeAsync().AsTask(), () => "");

        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_server_that_could_not_be_told_is_told_half_a_minute_later()
    {
        var failures = 0;
        _rig.Source.BeforeTelling = _ => Interlocked.Increment(ref failures) == 1
            ? throw new ChunkOtaException(ErrorCodes.ServerUnavailable, "the connection was lost")
            : Task.CompletedTask;
        var monitor = new RunMonitor(_time);
        await using (new ProgressReports(AgentRig.Goal(), monitor, _rig.Source))
        {
            monitor.Advance(UpdateStage.Downloading, 1, 100);
            _time.Advance(Second);
            await Eventually.Async("the failure", () => Volatile.Read(ref failures) == 1);
            monitor.Advance(UpdateStage.Assembling, 2, 100);
            _time.Advance(TimeSpan.FromSeconds(29));
            _time.Advance(Second);
            await ToldAsync(1);
        }

        Assert.Equal(2, Assert.Single(_rig.Source.Notes).Progress.DoneBytes);
    }

    [Fact]
    public async Task A_connection_that_is_closed_meanwhile_does_not_make_the_update_fail()
    {
        var monitor = new RunMonitor(_time);
        var asked = 0;
        _rig.Source.BeforeTelling = _ =>
        {
            asked++;
            throw new ObjectDisposedException("the connection");
        };
        await using (new ProgressReports(AgentRig.Goal(), monitor, _rig.Source))
        {
            monitor.Advance(UpdateStage.Downloading, 1, 2);
            _time.Advance(TimeSpan.FromSeconds(5));
            await Eventually.Async("the server is asked", () => asked == 1);
        }
    }

    private Task ToldAsync(int notes) => Eventually.Async("the server is told", () => _rig.Source.Notes.Count == notes);
}
