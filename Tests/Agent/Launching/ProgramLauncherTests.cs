using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Launching;

/// <summary>The starts of a program during the trial of its release, with real programs.</summary>
public sealed class ProgramLauncherTests : IDisposable
{
    private readonly AgentRig _rig = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_release_that_has_to_be_started_is_on_trial_and_three_failed_starts_end_it()
    {
        await UpgradeAsync("exit 7");

        for (var start = 1; start <= 3; start++)
        {
            Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
            Assert.Empty(_warnings);
            Assert.Equal(7, await RunAsync());
        }

        Assert.Equal(
            ["editor 1.1.0 does not work: its program was started 3 times and exited with 7; 1.0.0 is current again"],
            _warnings);
        Assert.Equal("1.0.0", _rig.Activation.FindCurrent());
        Assert.Equal("its program was started 3 times and exited with 7", _rig.States.Find()!.Rejected[0].Cause);
        Assert.Equal(UpdateState.Rejected, (await _rig.UpdateAsync()).State);
    }

    [Fact]
    public async Task A_program_that_runs_for_long_enough_ends_the_trial_whatever_it_exits_with_later()
    {
        var release = Path.Combine(_rig.Folder, "release");
        await UpgradeAsync($"while [ ! -e {release} ]; do sleep 0.05; done; exit 7", startSeconds: 30);

        var run = RunAsync();
        await Tests.Support.Eventually.Async("the release is kept", () => _rig.States.Find()!.Trial is null);
        await File.WriteAllTextAsync(release, "");

        Assert.Equal(7, await run);
        Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
        Assert.Equal(2ul, _rig.Trust.AcceptedCounter);
        Assert.Equal(UpdateState.Unchanged, (await _rig.UpdateAsync()).State);
    }

    [Fact]
    public async Task A_program_that_ends_with_success_is_a_proof_and_sees_what_it_is_started_with()
    {
        var seen = Path.Combine(_rig.Folder, "seen");
        await UpgradeAsync($"echo \"$0|$1|$2|$OTA_PRODUCT|$OTA_VERSION|$OTA_RELEASE\" > {seen}");

        Assert.Equal(0, await RunAsync("a b", "--c"));

        var tree = _rig.Product.ReleaseOf("1.1.0");
        Assert.Equal($"{tree}/bin/app|a b|--c|editor|1.1.0|{tree}\n", await File.ReadAllTextAsync(seen));
        Assert.Null(_rig.States.Find()!.Trial);
    }

    [Fact]
    public async Task Starts_are_counted_while_an_update_holds_the_product_and_decided_on_by_the_next_run()
    {
        await UpgradeAsync("exit 1");
        var clock = new HurriedClock();
        var product = new LocalProduct(_rig.Product, clock);
        var launcher = new ProgramLauncher(
            product, new HealthGate(product, _rig.Policy, _rig.TrustStore, clock), clock, _warnings.Add);
        using (_rig.Product.Lock())
        {
            for (var start = 1; start <= 3; start++) Assert.Equal(1, await launcher.RunAsync("editor", ["bin/app"]));
            Assert.Contains("another agent is working in", Assert.Single(_warnings), StringComparison.Ordinal);
            Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
        }

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal(ErrorCodes.HealthFailed, failure.Code);
        Assert.Equal("1.0.0", _rig.Activation.FindCurrent());
    }

    [Fact]
    public async Task Starts_whose_watcher_was_killed_have_failed()
    {
        await UpgradeAsync("exit 1");
        var trial = _rig.States.Find()!.Trial!;
        await _rig.Local.Launches.ChangeAsync(
            trial.Id, record => record with { Open = ["another-boot 1 1", $"{MachineBoot.Id} 999999999 1"] });

        Assert.Equal(1, await RunAsync());

        Assert.Equal("1.0.0", _rig.Activation.FindCurrent());
        Assert.Contains("started 3 times", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_of_the_same_release_counts_anew()
    {
        await UpgradeAsync("exit 1");
        for (var start = 1; start <= 3; start++) await RunAsync();
        _rig.Installed.Unhold("editor");
        Assert.Equal(UpdateState.OnTrial, (await _rig.UpdateAsync()).State);

        Assert.Equal(1, await RunAsync());

        Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
        Assert.NotNull(_rig.States.Find()!.Trial);
    }

    [Theory]
    [InlineData("../app", "is not in the release")]
    [InlineData("/bin/sh", "is not in the release")]
    [InlineData("bin/up", "is not in the release")]
    [InlineData("bin/none", "has no program 'bin/none'")]
    [InlineData("bin", "has no program 'bin'")]
    [InlineData("data", "is not executable")]
    public async Task Only_a_program_of_the_release_is_started(string program, string message)
    {
        await UpgradeAsync("exit 0");
        Fs.MakeSymlink("/bin/sh", Path.Combine(_rig.Product.ReleaseOf("1.1.0"), "bin", "up"));

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(
            () => _rig.Installed.RunAsync("editor", [program], _warnings.Add));

        Assert.Equal(ErrorCodes.Usage, failure.Code);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_of_the_release_to_its_program_is_followed()
    {
        await UpgradeAsync("exit 0");

        Assert.Equal(0, await _rig.Installed.RunAsync("editor", ["app"], _warnings.Add));
    }

    private Task<int> RunAsync(params string[] arguments) =>
        _rig.Installed.RunAsync("editor", ["bin/app", .. arguments], _warnings.Add);

    /// <summary>Installs a first release, and upgrades to one with this program.</summary>
    private async Task UpgradeAsync(string program, int startSeconds = 86_400)
    {
        _rig.Source.Publish(ReleaseOf("1.0.0", 1, "exit 0"), 1);
        await _rig.UpdateAsync();
        _rig.Policy = new ProductPolicy
        {
            Health = new HealthPolicy { NeedsStart = true, StartSeconds = startSeconds },
        };
        _rig.Source.Publish(ReleaseOf("1.1.0", 2, program), 2);
        Assert.Equal(UpdateState.OnTrial, (await _rig.UpdateAsync()).State);
    }

    private static TestRelease ReleaseOf(string version, ulong counter, string program) =>
        new TestRelease(version, counter)
            .File("bin/app", System.Text.Encoding.UTF8.GetBytes($"#!/bin/sh\n{program}\n"), executable: true)
            .File("data", "text").Link("app", "bin/app");

    /// <summary>A clock on which nobody waits for long.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        public override long GetTimestamp() => base.GetTimestamp() * 1000;
    }
}
