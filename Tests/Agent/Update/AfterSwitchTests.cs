using ChunkOta.Agent;
using ChunkOta.Client;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Update;

/// <summary>Once the new release is current, nothing makes the update fail: the disk, the server, the next check.
/// </summary>
public sealed class AfterSwitchTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("eio")]
    [InlineData("enospc")]
    public async Task A_disk_that_fails_after_the_flip_is_a_warning(string mode)
    {
        var afterFlip = 0;
        for (var step = 1; ; step++)
        {
            using var rig = new AgentRig();
            rig.Source.Publish(UpdateRunTests.First(), 1);
            await rig.UpdateAsync();
            rig.Source.Publish(UpdateRunTests.First("1.1.0", 2), 2);
            UpdateResult? result;
            bool hasFailed;
            using (var fault = FaultPoint.Arm($"mode={mode};at={step};sticky;path={rig.Folder}"))
            {
                try
                {
                    result = await rig.UpdateAsync();
                }
                catch (ChunkOtaException)
                {
                    result = null;
                }
                hasFailed = fault.HasStruck;
            }
            var isFlipped = rig.Activation.FindCurrent() == "1.1.0";

            Assert.Equal(isFlipped, result is { State: UpdateState.Installed });
            if (!hasFailed)
                break;
            afterFlip += isFlipped ? 1 : 0;
            await rig.UpdateAsync();
            rig.AssertCurrent(UpdateRunTests.First("1.1.0", 2));
        }
        Assert.InRange(afterFlip, 3, 40);
    }

    [Fact]
    public async Task A_trial_that_cannot_be_noted_goes_on_with_the_next_run()
    {
        await InstallFirstAsync();
        _rig.Policy = new ProductPolicy { Health = new HealthPolicy { Command = ["/bin/true"] } };
        _rig.Source.Publish(UpdateRunTests.First("1.1.0", 2), 2);
        UpdateResult? result = null;

        ArmedFault? fault = null;
        _rig.Progress = new Watcher(progress =>
        {
            if (progress.Stage == UpdateStage.Verifying)
                fault ??= FaultPoint.Arm($"mode=enospc;sticky;path={_rig.Folder}");
        });
        using (new Disposal(() => fault?.Dispose()))
            result = await _rig.UpdateAsync();

        Assert.Equal((UpdateState.OnTrial, "1.1.0"), (result.State, _rig.Activation.FindCurrent()));
        Assert.Contains(_rig.Warnings, warning => warning.Code == ErrorCodes.DiskFull);
        _rig.Progress = null;
        await _rig.UpdateAsync();
        Assert.Null(_rig.States.Find()!.Trial);
    }

    [Fact]
    public async Task A_report_that_cannot_be_noted_is_a_warning()
    {
        await InstallFirstAsync();
        var reports = new ReportStep(_rig.Local, _rig.Source, new WireMeter(), _rig.Clock);

        using (FaultPoint.Arm($"mode=enospc;sticky;path={_rig.Folder}"))
            Assert.False(await reports.SucceededAsync(AgentRig.Goal(), null));

        Assert.Equal(ErrorCodes.DiskFull, Assert.Single(_rig.Local.Warnings).Code);
        Assert.True(await reports.SucceededAsync(AgentRig.Goal(), null));
    }

    private async Task InstallFirstAsync()
    {
        _rig.Source.Publish(UpdateRunTests.First(), 1);
        await _rig.UpdateAsync();
    }

    private sealed class Watcher(Action<UpdateProgress> seen) : IProgress<UpdateProgress>
    {
        public void Report(UpdateProgress value) => seen(value);
    }

    private sealed class Disposal(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
