using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Activation;

public sealed class RecoveryTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_switch_that_was_recorded_and_not_made_is_forgotten()
    {
        var state = await TwoInstalledAsync();
        _rig.States.Save(state with { Pending = Pending(state, state.PreviousRelease!) });

        var recovered = Switch().Recover(_rig.States.Find()!);

        Assert.Null(recovered.Pending);
        Assert.Equal(state.Current, recovered.Current);
        Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
    }

    [Fact]
    public async Task A_switch_that_was_made_and_not_recorded_is_finished()
    {
        var state = await TwoInstalledAsync();
        _rig.States.Save(state with { Pending = Pending(state, state.PreviousRelease!) });
        _rig.Activation.Try(state.PreviousRelease!);

        var recovered = Switch().Recover(_rig.States.Find()!);

        Assert.Null(recovered.Pending);
        Assert.Equal("1.0.0", recovered.CurrentRelease!.Version);
        Assert.Equal("1.1.0", recovered.PreviousRelease!.Version);
        Assert.Equal("releases/1.1.0", Fs.FindLinkTarget(_rig.Product.PreviousLink));
    }

    [Fact]
    public async Task A_status_tells_of_an_interrupted_switch_without_touching_it()
    {
        var state = await TwoInstalledAsync();
        _rig.States.Save(state with { Pending = Pending(state, state.PreviousRelease!) });

        Assert.True(_rig.Installed.Get("editor").IsInterrupted);

        Assert.NotNull(_rig.States.Find()!.Pending);
    }

    [Fact]
    public async Task A_release_whose_tree_is_gone_is_dropped_from_the_record()
    {
        await TwoInstalledAsync();
        Directory.Delete(_rig.Product.ReleaseOf("1.0.0"), recursive: true);

        var recovered = Switch().Recover(_rig.States.Find()!);

        Assert.Equal(["1.1.0"], recovered.Releases.Select(release => release.Version));
        Assert.Null(recovered.Previous);
        Assert.Equal(
            "NOTHING_TO_REVERT", Assert.ThrowsAny<ChunkOtaException>(() => _rig.Installed.Revert("editor")).Code);
    }

    [Fact]
    public async Task A_damaged_previous_release_is_not_reverted_to()
    {
        await TwoInstalledAsync();
        await File.AppendAllTextAsync(Path.Combine(_rig.Product.ReleaseOf("1.0.0"), "file"), "!");

        var failure = Assert.ThrowsAny<ChunkOtaException>(() => _rig.Installed.Revert("editor"));

        Assert.Equal("NOT_AS_INSTALLED", failure.Code);
        Assert.Contains("file", failure.Message, StringComparison.Ordinal);
        Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
    }

    [Fact]
    public async Task A_foreign_current_is_refused_and_left_alone()
    {
        _rig.Source.Publish(First(), 1);
        Directory.CreateDirectory(_rig.Product.CurrentLink);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal("IO_ERROR", failure.Code);
        Assert.True(Directory.Exists(_rig.Product.CurrentLink));
        Directory.Delete(_rig.Product.CurrentLink);
        await _rig.UpdateAsync();
        _rig.AssertCurrent(First());
    }

    [Fact]
    public async Task A_current_that_somebody_removed_is_put_back_without_fetching()
    {
        _rig.Source.Publish(First(), 1);
        await _rig.UpdateAsync();
        File.Delete(_rig.Product.CurrentLink);
        _rig.Source.ChunksSent.Clear();

        await _rig.UpdateAsync();

        _rig.AssertCurrent(First());
        Assert.Empty(_rig.Source.ChunksSent);
    }

    [Fact]
    public async Task G_03_A_lost_record_is_made_again_from_what_is_installed()
    {
        await TwoInstalledAsync();
        foreach (var file in new[] { "state.a", "state.b" })
            File.Delete(Path.Combine(_rig.Product.Root, file));
        _rig.Source.ChunksSent.Clear();
        Assert.Equal("NOT_INSTALLED", Assert.ThrowsAny<ChunkOtaException>(() => _rig.Installed.Verify("editor")).Code);

        await _rig.UpdateAsync();

        Assert.Empty(_rig.Source.ChunksSent);
        Assert.Empty(_rig.Installed.Verify("editor").Damage);
        Assert.Equal("1.1.0", _rig.States.Get("editor").CurrentRelease!.Version);
    }

    [Fact]
    public async Task G_03_A_damaged_record_is_an_error_that_says_what_to_do()
    {
        await TwoInstalledAsync();
        foreach (var file in new[] { "state.a", "state.b" })
            await File.WriteAllTextAsync(Path.Combine(_rig.Product.Root, file), "torn");

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal("IO_ERROR", failure.Code);
        Assert.Contains("move them away and install again", failure.Message, StringComparison.Ordinal);
        Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
    }

    [Fact]
    public async Task Verify_names_everything_that_is_not_as_installed()
    {
        _rig.Source.Publish(First().File("gone", "x").File("mode", "y").Link("link", "file"), 1);
        await _rig.UpdateAsync();
        var current = _rig.Product.ReleaseOf("1.0.0");
        await File.WriteAllTextAsync(Path.Combine(current, "file"), "ONE");
        File.Delete(Path.Combine(current, "gone"));
        File.Delete(Path.Combine(current, "link"));
        File.CreateSymbolicLink(Path.Combine(current, "link"), "gone");
        await File.WriteAllTextAsync(Path.Combine(current, "extra"), "");
        using (var chmod = System.Diagnostics.Process.Start("chmod", ["755", Path.Combine(current, "mode")]))
            await chmod.WaitForExitAsync();

        var (damage, extra) = _rig.Installed.Verify("editor");

        Assert.Equal(
            ["file: other content", "gone: missing", "link: link to elsewhere", "mode: mode 755"],
            damage.Select(found => $"{found.Path}: {found.What}"));
        Assert.Equal(["extra"], extra);
    }

    [Fact]
    public async Task Two_agents_at_once_are_one_too_many()
    {
        _rig.Source.Publish(First(), 1);
        using (_rig.Product.Lock())
            Assert.Equal("BUSY", (await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync())).Code);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(First());
    }

    [Fact]
    public async Task A_prune_keeps_as_many_as_asked_and_says_beforehand_what_goes()
    {
        for (var i = 1ul; i <= 4; i++)
        {
            _rig.Source.Publish(new TestRelease($"1.{i}.0", i).File("file", $"{i}"), i);
            await _rig.UpdateAsync();
        }

        Assert.Equal(["1.1.0"], _rig.Installed.Prune("editor", 3, isDryRun: true).Versions);
        Assert.Equal(4, Directory.GetDirectories(_rig.Product.Releases).Length);
        Assert.Equal(["1.1.0"], _rig.Installed.Prune("editor", 3, isDryRun: false).Versions);
        Assert.Equal(["1.2.0"], _rig.Installed.Prune("editor", 0, isDryRun: false).Versions);
        Assert.Equal(["1.3.0", "1.4.0"], _rig.InstalledVersions);
        Assert.Equal(6, Directory.GetFiles(_rig.Product.Manifests).Length);
    }

    [Fact]
    public async Task Nothing_is_pruned_while_a_switch_that_was_made_is_not_recorded()
    {
        var before = await TwoInstalledAsync();
        _rig.States.Save(before with
        {
            Releases = [before.PreviousRelease!],
            Current = before.Previous,
            Previous = null,
            Pending = new PendingSwitch("upgrade", before.Previous, before.CurrentRelease!, 0),
        });

        var plan = new Pruner(_rig.Local).Run(keep: 2, isDryRun: false);

        Assert.Equal((0, 0), (plan.Versions.Count, plan.StagingTrees));
        await _rig.UpdateAsync();
        _rig.AssertCurrent(Second());
    }

    private static TestRelease Second() => new TestRelease("1.1.0", 2).File("file", "two");

    private static TestRelease First() => new TestRelease("1.0.0", 1).File("file", "one");

    private ReleaseSwitch Switch() => _rig.Local.Switch;

    private static PendingSwitch Pending(ProductState state, InstalledRelease to) =>
        new("revert", state.Current, to, 0);

    private async Task<ProductState> TwoInstalledAsync()
    {
        _rig.Source.Publish(First(), 1);
        await _rig.UpdateAsync();
        _rig.Source.Publish(Second(), 2);
        await _rig.UpdateAsync();
        return _rig.States.Get("editor");
    }
}
