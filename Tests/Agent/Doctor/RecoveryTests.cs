using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Doctor;

/// <summary>When what is current is not good, the newest kept release that is takes its place, if somebody
/// agrees.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_good_release_stays_and_nobody_is_asked()
    {
        await InstallAsync(3);

        var result = await _rig.Installed.RecoverAsync("editor", (_, _) => throw new InvalidOperationException());

        Assert.False(result.IsChanged);
        Assert.Equal("1.3.0", _rig.Activation.FindCurrent());
    }

    [Fact]
    public async Task G_09_It_walks_back_to_the_newest_that_verifies_in_full()
    {
        await InstallAsync(3);
        Damage("1.3.0");
        Damage("1.2.0");
        var asked = new List<string>();

        var result = await _rig.Installed.RecoverAsync("editor", (version, fault) =>
        {
            asked.Add($"{version}: {fault}");
            return true;
        });

        Assert.Equal(["1.1.0: damaged: file: other content"], asked);
        Assert.Equal(("1.1.0", "1.3.0"), (result.Version, result.FromVersion));
        Assert.Equal(["1.3.0", "1.2.0"], result.PassedOver.Select(release => release.Version));
        _rig.AssertCurrent(Release(1));
        // The release that was left does not come back by itself.
        Assert.Equal("1.3.0", Assert.Single(_rig.States.Get("editor").Rejected).Version);
    }

    [Fact]
    public async Task What_is_declined_or_below_the_floor_is_passed_over_and_nothing_changes()
    {
        await InstallAsync(3);
        Damage("1.3.0");
        await _rig.TrustStore.UpdateAsync(
            _rig.Trust.Server, "editor", trust => trust! with { MinimumCounter = 2 }, CancellationToken.None);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(
            () => _rig.Installed.RecoverAsync("editor", (_, _) => false));

        Assert.Equal("NOTHING_TO_REVERT", failure.Code);
        Assert.Contains("1.2.0: declined", failure.Message, StringComparison.Ordinal);
        Assert.Contains("is below the floor 2", failure.Message, StringComparison.Ordinal);
        Assert.Equal("1.3.0", _rig.Activation.FindCurrent());
        Assert.Null(_rig.States.Get("editor").Pending);
    }

    private async Task InstallAsync(int releases)
    {
        for (var i = 1; i <= releases; i++)
        {
            _rig.Source.Publish(Release(i), (ulong)i);
            await _rig.UpdateAsync();
        }
    }

    private void Damage(string version) =>
        File.WriteAllText(Path.Combine(_rig.Product.ReleaseOf(version), "file"), "TEXT X");

    private static TestRelease Release(int number) =>
        new TestRelease($"1.{number}.0", (ulong)number).File("file", $"text {number}");
}
