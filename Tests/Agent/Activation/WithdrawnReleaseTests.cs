using ChunkOta.Agent;
using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Activation;

/// <summary>A publisher withdraws the release that is current on a device: the device leaves it, and is never left with
/// nothing.</summary>
public sealed class WithdrawnReleaseTests : IDisposable
{
    private readonly AgentRig _rig = new();
    private readonly TestRelease _second = ReleaseOf("1.1.0", 2);
    private readonly TestRelease _third = ReleaseOf("1.2.0", 3);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task The_next_upgrade_leaves_it_and_nothing_goes_back_to_it()
    {
        await WithdrawAsync();
        Assert.True(_rig.Installed.Get("editor").IsWithdrawn);

        Assert.Equal(UpdateState.Installed, (await _rig.UpdateAsync()).State);

        _rig.AssertCurrent(_third);
        Assert.False(_rig.Installed.Get("editor").IsWithdrawn);
        Assert.Equal("REVOKED", Assert.ThrowsAny<ChunkOtaException>(() => _rig.Installed.Revert("editor")).Code);
    }

    [Fact]
    public async Task It_stays_where_its_successor_does_not_work()
    {
        await WithdrawAsync();
        _rig.Policy = new ProductPolicy { Health = new HealthPolicy { Command = ["/bin/false"] } };

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal(ErrorCodes.HealthFailed, failure.Code);
        _rig.AssertCurrent(_second);
        Assert.True(_rig.Installed.Get("editor").IsWithdrawn);
        Assert.Equal(UpdateState.Rejected, (await _rig.UpdateAsync()).State);
        _rig.AssertCurrent(_second);
    }

    [Fact]
    public async Task Without_a_server_it_can_be_left_for_a_kept_one_that_is_allowed()
    {
        await WithdrawAsync();

        var recovered = await _rig.Installed.RecoverAsync("editor", (_, _) => true);

        Assert.Equal(("1.0.0", "1.1.0"), (recovered.Version, recovered.FromVersion));
        _rig.AssertCurrent(ReleaseOf("1.0.0", 1));
    }

    [Fact]
    public async Task The_launcher_starts_it_with_a_warning()
    {
        _rig.Policy = new ProductPolicy
        {
            Health = new HealthPolicy { NeedsStart = true, StartSeconds = 86_400 },
        };
        _rig.Source.Publish(_second, 1);
        await _rig.UpdateAsync();
        await TellAsync();
        var warnings = new List<string>();

        Assert.Equal(7, await _rig.Installed.RunAsync("editor", ["app"], warnings.Add));

        Assert.Equal(
            "the current release of editor was withdrawn by its publisher: run ota-agent upgrade editor", warnings[0]);
    }

    /// <summary>Installs two releases, and lets the device learn that the second one is withdrawn.</summary>
    private async Task WithdrawAsync()
    {
        _rig.Source.Publish(ReleaseOf("1.0.0", 1), 1);
        await _rig.UpdateAsync();
        _rig.Source.Publish(_second, 2);
        await _rig.UpdateAsync();
        await TellAsync();
    }

    private async Task TellAsync()
    {
        var current = _rig.States.Get("editor").Current!.Value;
        _rig.Source.Publish(_third, 3, pointer => pointer.Revoked.Add(current.ToByteString()));
        _rig.Source.BeforeFrame = _ => throw new ChunkOtaException("INTERRUPTED", "stopped");
        try
        {
            await _rig.UpdateAsync();
        }
        catch (ChunkOtaException e) when (e.Code == "INTERRUPTED")
        {
            Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
        }
        _rig.Source.BeforeFrame = null;
    }

    private static TestRelease ReleaseOf(string version, ulong counter) =>
        new TestRelease(version, counter)
            .File("app", System.Text.Encoding.UTF8.GetBytes($"#!/bin/sh\nexit 7 # {version}\n"), executable: true);
}
