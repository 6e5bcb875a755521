using ChunkOta.Agent;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Update;

/// <summary>Runs that stop before the switch, and the answers that let them go on.</summary>
public sealed class StagedStopTests : IDisposable
{
    private static readonly SwitchStop UntilConsent = new();
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_run_that_stops_downloads_everything_and_changes_nothing()
    {
        var (first, second) = await InstalledAndPublishedAsync();

        var result = await _rig.UpdateAsync(stop: UntilConsent);

        Assert.Equal(UpdateState.Staged, result.State);
        Assert.Equal("1.1.0", result.Version);
        _rig.AssertCurrent(first);
        Assert.Equal("1.1.0", _rig.States.Find()!.Staged!.Version);
        _rig.Source.ChunksSent.Clear();
        Assert.Equal(UpdateState.Installed, (await _rig.UpdateAsync()).State);
        Assert.Empty(_rig.Source.ChunksSent);
        _rig.AssertCurrent(second);
        Assert.Null(_rig.States.Find()!.Staged);
    }

    [Fact]
    public async Task A_staged_release_is_neither_planned_nor_read_again()
    {
        await InstalledAndPublishedAsync();
        await _rig.UpdateAsync(stop: UntilConsent);
        var staged = _rig.States.Find()!.Staged;
        _rig.Clock.Now += TimeSpan.FromHours(5);

        var again = await _rig.UpdateAsync(stop: UntilConsent);

        Assert.Equal((UpdateState.Staged, 0), (again.State, again.Seconds.Plan));
        Assert.Equal(staged, _rig.States.Find()!.Staged);
    }

    [Fact]
    public async Task Consent_counts_for_the_release_that_was_asked_about_alone()
    {
        var (first, _) = await InstalledAndPublishedAsync();
        await _rig.UpdateAsync(stop: UntilConsent);
        _rig.Installed.Consent("editor", isConsented: true, askAgain: null);
        var third = new TestRelease("1.2.0", 3).File("file", "3");
        _rig.Source.Publish(third, 3);

        Assert.Equal(UpdateState.Staged, (await _rig.UpdateAsync(stop: UntilConsent)).State);
        _rig.AssertCurrent(first);

        _rig.Installed.Consent("editor", isConsented: true, askAgain: null);
        Assert.Equal(UpdateState.Installed, (await _rig.UpdateAsync(stop: UntilConsent)).State);
        _rig.AssertCurrent(third);
    }

    [Fact]
    public async Task A_deadline_ends_the_stop_without_consent()
    {
        var (first, second) = await InstalledAndPublishedAsync();
        var stop = new SwitchStop(TimeSpan.FromHours(48));
        await _rig.UpdateAsync(stop: stop);
        _rig.Installed.Consent("editor", isConsented: false, askAgain: null);

        _rig.Clock.Now += TimeSpan.FromHours(47);
        Assert.Equal(UpdateState.Staged, (await _rig.UpdateAsync(stop: stop)).State);
        _rig.AssertCurrent(first);

        _rig.Clock.Now += TimeSpan.FromHours(2);
        Assert.Equal(UpdateState.Installed, (await _rig.UpdateAsync(stop: stop)).State);
        _rig.AssertCurrent(second);
    }

    [Fact]
    public async Task A_release_whose_staging_is_gone_is_downloaded_again()
    {
        var (_, second) = await InstalledAndPublishedAsync();
        await _rig.UpdateAsync(stop: UntilConsent);
        Directory.Delete(_rig.Product.Staging, recursive: true);
        Directory.CreateDirectory(_rig.Product.Staging);

        Assert.Equal(UpdateState.Staged, (await _rig.UpdateAsync(stop: UntilConsent)).State);
        Assert.Single(Directory.GetDirectories(_rig.Product.Staging));
        await _rig.UpdateAsync();
        _rig.AssertCurrent(second);
    }

    [Fact]
    public async Task A_complete_release_that_no_record_knows_needs_consent_as_well()
    {
        var (first, second) = await InstalledAndPublishedAsync();
        await _rig.UpdateAsync();
        _rig.Installed.Revert("editor");
        var state = _rig.States.Find()!;
        _rig.States.Save(state.Without(state.Previous!.Value) with { Rejected = [] });

        Assert.Equal(UpdateState.Staged, (await _rig.UpdateAsync(stop: UntilConsent)).State);

        _rig.AssertCurrent(first);
        _rig.Installed.Consent("editor", isConsented: true, askAgain: null);
        Assert.Equal(UpdateState.Installed, (await _rig.UpdateAsync(stop: UntilConsent)).State);
        _rig.AssertCurrent(second);
    }

    [Fact]
    public async Task A_first_release_needs_no_consent()
    {
        var first = new TestRelease("1.0.0", 1).File("file", "1");
        _rig.Source.Publish(first, 1);

        Assert.Equal(UpdateState.Installed, (await _rig.UpdateAsync(stop: UntilConsent)).State);
        _rig.AssertCurrent(first);
    }

    [Fact]
    public async Task The_question_is_in_the_summary_until_it_is_answered()
    {
        _rig.Policy = new ProductPolicy { Mode = UpdateMode.Soft };
        await InstalledAndPublishedAsync();
        Assert.Null(_rig.Installed.Get("editor").Staged);
        await _rig.UpdateAsync(stop: UntilConsent);
        Assert.True(_rig.Installed.Get("editor").Staged!.IsQuestion);

        Assert.False(_rig.Installed.Consent("editor", null, _rig.Clock.Now.AddHours(2)));
        Assert.False(_rig.Installed.Get("editor").Staged!.IsQuestion);
        _rig.Clock.Now += TimeSpan.FromHours(3);
        Assert.True(_rig.Installed.Get("editor").Staged!.IsQuestion);

        _rig.Installed.Consent("editor", isConsented: false, askAgain: null);
        Assert.False(_rig.Installed.Get("editor").Staged!.IsQuestion);
        await _rig.UpdateAsync();
        Assert.Null(_rig.Installed.Get("editor").Staged);
    }

    [Fact]
    public async Task There_is_nothing_to_consent_to_before_a_release_is_staged()
    {
        await InstalledAndPublishedAsync();

        var failure = Assert.Throws<ChunkOtaException>(() => _rig.Installed.Consent("editor", true, null));

        Assert.Equal(ErrorCodes.Usage, failure.Code);
    }

    private async Task<(TestRelease First, TestRelease Second)> InstalledAndPublishedAsync()
    {
        var first = new TestRelease("1.0.0", 1).File("file", "1");
        _rig.Source.Publish(first, 1);
        await _rig.UpdateAsync();
        var second = new TestRelease("1.1.0", 2)
            .File("file", "2").File("large", TestRelease.Random(2, 60_000));
        _rig.Source.Publish(second, 2);
        return (first, second);
    }
}
