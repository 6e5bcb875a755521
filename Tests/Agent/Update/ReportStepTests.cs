using ChunkOta.Agent;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Update;

public sealed class ReportStepTests : IDisposable
{
    private readonly AgentRig _rig = new();
    private readonly ReportStep _reports;

    public ReportStepTests() => _reports = new ReportStep(_rig.Local, _rig.Source, new WireMeter(), _rig.Clock);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_change_is_told_once()
    {
        await InstallAsync();

        Assert.True(await _reports.SucceededAsync(AgentRig.Goal(), null));
        await _rig.UpdateAsync();
        Assert.True(await _reports.SucceededAsync(AgentRig.Goal(), null));

        var report = Assert.Single(_rig.Source.Reports);
        Assert.Equal((null, "1.0.0"), (report.FailureCode, report.RunningVersion));
    }

    [Fact]
    public async Task What_the_server_did_not_hear_is_told_by_the_next_run()
    {
        await InstallAsync();
        _rig.Source.IsDeaf = true;

        Assert.False(await _reports.SucceededAsync(AgentRig.Goal(), null));
        _rig.Source.IsDeaf = false;
        Assert.True(await _reports.SucceededAsync(AgentRig.Goal(), null));

        Assert.Single(_rig.Source.Reports);
    }

    [Fact]
    public async Task After_a_failure_that_was_told_the_next_run_that_goes_well_tells_that()
    {
        await InstallAsync();
        await _reports.SucceededAsync(AgentRig.Goal(), null);

        await _reports.FailedAsync(
            AgentRig.Goal(), UpdateStage.Downloading, new ChunkOtaException(ErrorCodes.DiskFull, "full"));
        await _reports.SucceededAsync(AgentRig.Goal(), null);
        await _reports.SucceededAsync(AgentRig.Goal(), null);

        Assert.Equal(
            [null, "DISK_FULL", null],
            _rig.Source.Reports.Select(report => report.FailureCode));
    }

    [Fact]
    public async Task A_failure_with_a_megabyte_of_text_is_told_in_one_short_line_that_moves_no_cursor()
    {
        await _reports.FailedAsync(
            AgentRig.Goal(), UpdateStage.Downloading,
            new ChunkOtaException(ErrorCodes.DiskFull, "no space\r\n\u001b[2Jforged " + new string('x', 1_000_000)));

        var text = Assert.Single(_rig.Source.Reports).FailureText;
        Assert.InRange(text.Length, 1_000, OneLine.MaxLength + 10);
        Assert.StartsWith(@"no space\u{d}\u{a}\u{1b}[2Jforged xxx", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, char.IsControl);
    }

    [Fact]
    public async Task A_revert_is_told_by_the_next_run()
    {
        await InstallAsync();
        _rig.Source.Publish(UpdateRunTests.First("1.1.0", 2), 2);
        await _rig.UpdateAsync();
        await _reports.SucceededAsync(AgentRig.Goal(), null);
        _rig.Installed.Revert("editor");

        await _reports.SucceededAsync(AgentRig.Goal(), null);

        Assert.Equal(["1.1.0", "1.0.0"], _rig.Source.Reports.Select(report => report.RunningVersion));
    }

    private async Task InstallAsync()
    {
        _rig.Source.Publish(UpdateRunTests.First(), 1);
        await _rig.UpdateAsync();
    }
}
