using ChunkOta.Agent;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Update;

public sealed class ProgressReportsTests : IDisposable
{
    private readonly AgentRig _rig = new();
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Progress_is_told_every_five_seconds_and_only_the_newest()
    {
        var monitor = new RunMonitor(_time);
        await using (new ProgressReports(AgentRig.Goal(), monitor, _rig.Source))
        {
            for (var i = 1; i <= 120; i++)
            {
                monitor.Advance(UpdateStage.Downloading, i * 10, 2_000);
                _time.Advance(TimeSpan.FromMilliseconds(100));
                if (i % 50 == 0)
                    await ToldAsync(i / 50);
            }
        }

        Assert.Equal([500, 1_000], _rig.Source.Notes.Select(note => note.Progress.DoneBytes));
    }

    [Fact]
    public async Task What_has_not_changed_and_what_is_no_transfer_is_not_told()
    {
        var monitor = new RunMonitor(_time);
        await using (new ProgressReports(AgentRig.Goal(), monitor, _rig.Source))
        {
            monitor.Enter(UpdateStage.Checking);
            _time.Advance(TimeSpan.FromSeconds(20));
            monitor.Advance(UpdateStage.Downloading, 1, 2);
            _time.Advance(TimeSpan.FromSeconds(5));
            await ToldAsync(1);
            _time.Advance(TimeSpan.FromSeconds(60));
        }

        Assert.Equal(UpdateStage.Downloading, Assert.Single(_rig.Source.Notes).Progress.Stage);
    }

    [Fact]
    public async Task The_cause_of_a_wait_is_told()
    {
        var monitor = new RunMonitor(_time);
        await using (new ProgressReports(AgentRig.Goal(), monitor, _rig.Source))
        {
            monitor.Advance(UpdateStage.Downloading, 1, 2);
            monitor.Wait(new ChunkOtaException(ErrorCodes.TooSlow, "slow"), isFirst: true);
            _time.Advance(TimeSpan.FromSeconds(5));
            await ToldAsync(1);
        }

        Assert.Equal(FailureCause.TooSlow, Assert.Single(_rig.Source.Notes).Progress.Cause);
    }

    [Fact]
    public async Task A_connection_that_is_closed_meanwhile_does_not_make_the_update_fail()
    {
        var monitor = new RunMonitor(_time);
        var asked = 0;
        _rig.Source.BeforeNote = () =>
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
