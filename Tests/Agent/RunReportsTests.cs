using ChunkOta.Agent;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent;

public sealed class RunReportsTests : IDisposable
{
    private readonly AgentRig _rig = new();
    private readonly RunReports _reports;

    public RunReportsTests() => _reports = new RunReports(_rig.States, _rig.Source, new WireMeter(), _rig.Clock);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_change_is_told_once()
    {
        await InstallAsync();

        Assert.True(await _reports.TellSuccessAsync(Target()));
        await _rig.UpdateAsync();
        Assert.True(await _reports.TellSuccessAsync(Target()));

        var report = Assert.Single(_rig.Source.Reports);
        Assert.Equal((DeviceState.Succeeded, "1.0.0"), (report.State, report.RunningVersion));
    }

    [Fact]
    public async Task What_the_server_did_not_hear_is_told_by_the_next_run()
    {
        await InstallAsync();
        _rig.Source.IsDeaf = true;

        Assert.False(await _reports.TellSuccessAsync(Target()));
        _rig.Source.IsDeaf = false;
        Assert.True(await _reports.TellSuccessAsync(Target()));

        Assert.Single(_rig.Source.Reports);
    }

    [Fact]
    public async Task After_a_failure_that_was_told_the_next_run_that_goes_well_tells_that()
    {
        await InstallAsync();
        await _reports.TellSuccessAsync(Target());

        await _reports.TellFailureAsync(Target(), new ChunkOtaException(ErrorCodes.DiskFull, "full"));
        await _reports.TellSuccessAsync(Target());
        await _reports.TellSuccessAsync(Target());

        Assert.Equal(
            [(DeviceState.Succeeded, ""), (DeviceState.Failed, "DISK_FULL"), (DeviceState.Succeeded, "")],
            _rig.Source.Reports.Select(report => (report.State, report.CauseCode)));
    }

    [Fact]
    public async Task A_revert_is_told_by_the_next_run()
    {
        await InstallAsync();
        _rig.Source.Publish(UpdateRunTests.First("1.1.0", 2), 2);
        await _rig.UpdateAsync();
        await _reports.TellSuccessAsync(Target());
        _rig.Installed.Revert("editor");

        await _reports.TellSuccessAsync(Target());

        Assert.Equal(["1.1.0", "1.0.0"], _rig.Source.Reports.Select(report => report.RunningVersion));
    }

    private static RunGoal Target() =>
        new("upgrade", "https://ota.example.org", "editor", "linux-x64", "stable", null, IsDryRun: false);

    private async Task InstallAsync()
    {
        _rig.Source.Publish(UpdateRunTests.First(), 1);
        await _rig.UpdateAsync();
    }
}
