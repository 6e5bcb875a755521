using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Activation;

/// <summary>Links that a person made: <c>current</c> pointed elsewhere, homes and products moved.</summary>
public sealed class MovedByHandTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData("releases/1.1.0")]
    [InlineData("./releases/1.1.0/")]
    [InlineData("{0}/releases/1.1.0")]
    [InlineData("{0}/../editor/releases/1.1.0")]
    public async Task A_current_that_points_at_an_older_release_is_a_revert(string target)
    {
        await InstallAsync(1, 2);
        Point(string.Format(null, target, _rig.Product.Root));

        var status = _rig.Installed.Get("editor");
        Assert.Equal(("1.1.0", "1.2.0"), (status.Current?.Version, status.Previous?.Version));
        Assert.Empty(status.Warnings);
        Assert.Empty(_rig.Installed.Verify("editor").Damage);
        Assert.Equal("1.2.0", _rig.States.Find()!.CurrentRelease!.Version);

        Assert.Equal(UpdateState.Rejected, (await _rig.UpdateAsync()).State);

        Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
        Assert.Equal("1.1.0", _rig.States.Find()!.CurrentRelease!.Version);
        Assert.Equal("releases/1.2.0", Fs.FindLinkTarget(_rig.Product.PreviousLink));
        Assert.Equal("1.2.0", _rig.Installed.Revert("editor").Version);
        Assert.Equal(UpdateState.Unchanged, (await _rig.UpdateAsync()).State);
    }

    [Fact]
    public async Task A_prune_keeps_the_release_that_current_was_pointed_at()
    {
        await InstallAsync(1, 2, 3);
        Point("releases/1.1.0");

        Assert.Equal(["1.2.0"], _rig.Installed.Prune("editor", 2, isDryRun: false).Versions);

        Assert.Equal(["1.1.0", "1.3.0"], _rig.InstalledVersions);
        Assert.Equal("1.1.0", _rig.Installed.Get("editor").Current?.Version);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("releases/9.9.9")]
    public async Task A_current_that_is_gone_or_leads_nowhere_is_named_and_put_right(string? target)
    {
        await InstallAsync(1, 2);
        File.Delete(_rig.Current);
        if (target is not null) Fs.MakeSymlink(target, _rig.Current);

        Assert.StartsWith(
            $"{_rig.Current} does not lead to 1.2.0: ", Assert.Single(_rig.Installed.Get("editor").Warnings),
            StringComparison.Ordinal);
        await _rig.UpdateAsync();
        Assert.Equal("1.2.0", _rig.Activation.FindCurrent());

        File.Delete(_rig.Current);
        if (target is not null) Fs.MakeSymlink(target, _rig.Current);
        _rig.Installed.Revert("editor");
        Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
    }

    [Fact]
    public async Task A_current_that_leads_elsewhere_or_is_a_folder_is_refused_and_stays()
    {
        await InstallAsync(1, 2);
        var elsewhere = Path.Combine(_rig.Folder, "elsewhere");
        Directory.CreateDirectory(elsewhere);
        Point(elsewhere);
        Refused($"{_rig.Current} leads to {elsewhere}, which this agent did not install: point it at "
            + "releases/VERSION, or remove it, and run again");
        Assert.Equal(elsewhere, Fs.FindLinkTarget(_rig.Current));

        File.Delete(_rig.Current);
        Directory.CreateDirectory(Path.Combine(_rig.Current, "mine"));
        Refused($"{_rig.Current} is not a link: move it away and run again");
        Assert.True(Directory.Exists(Path.Combine(_rig.Current, "mine")));

        void Refused(string message)
        {
            Assert.Equal(
                message, Assert.ThrowsAny<ChunkOtaException>(() => _rig.Installed.Revert("editor")).Message);
            Assert.Equal(
                message,
                Assert.ThrowsAny<ChunkOtaException>(() => _rig.Installed.Prune("editor", 2, false)).Message);
            Assert.Contains(message, _rig.Installed.Get("editor").Warnings);
        }
    }

    [Fact]
    public async Task A_home_and_a_product_that_were_moved_and_linked_work()
    {
        await InstallAsync(1, 2);
        var (home, product) = (Path.Combine(_rig.Folder, "disk"), Path.Combine(_rig.Folder, "product"));
        Directory.Move(_rig.Product.Root, product);
        Fs.MakeSymlink(product, _rig.Product.Root);
        Directory.Move(_rig.Home.Root, home);
        Fs.MakeSymlink(home, _rig.Home.Root);
        var agent = _rig.Installed;

        Assert.Equal(["editor"], agent.ListNames());
        Assert.Equal("1.1.0", agent.Revert("editor").Version);
        Assert.Empty(agent.Verify("editor").Damage);
        Assert.Empty(agent.Prune("editor", 2, isDryRun: false).Versions);
        Assert.Equal($"{product}/releases/1.1.0", agent.Get("editor").Path);
        Assert.Equal("releases/1.1.0", Fs.FindLinkTarget(Path.Combine(product, "current")));
    }

    [Fact]
    public async Task Releases_on_another_disk_are_refused_with_what_to_do()
    {
        await InstallAsync(1);
        var moved = Path.Combine(_rig.Folder, "releases");
        Directory.Move(_rig.Product.Releases, moved);
        Fs.MakeSymlink(moved, _rig.Product.Releases);

        var failure = Assert.ThrowsAny<ChunkOtaException>(_rig.Product.Make);

        Assert.Contains($"move all of {_rig.Product.Root} there", failure.Message, StringComparison.Ordinal);
    }

    private void Point(string target)
    {
        File.Delete(_rig.Current);
        Fs.MakeSymlink(target, _rig.Current);
    }

    private async Task InstallAsync(params int[] numbers)
    {
        foreach (var number in numbers)
        {
            _rig.Source.Publish(
                new TestRelease($"1.{number}.0", (ulong)number).File("app", $"version {number}"), (ulong)number);
            await _rig.UpdateAsync();
        }
    }
}
