using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Update;

public sealed class UpdateRunTests : IDisposable
{
    private static readonly byte[] Large = TestRelease.Random(1, 60_000);
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_name_that_is_not_text_in_a_release_without_its_manifest_does_not_keep_the_next_one_away()
    {
        _rig.Source.Publish(First(), 1);
        await _rig.UpdateAsync();
        foreach (var file in Directory.GetFiles(_rig.Product.Manifests))
            File.Delete(file);
        var name = $"{_rig.Product.ReleaseOf("1.0.0")}/$'\\xff'";
        await ShellAsync($"touch {name}");
        var next = First("1.1.0", 2).File("new", TestRelease.Random(9, 90_000));
        _rig.Source.Publish(next, 2);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(next);
        // .NET cannot remove it.
        await ShellAsync($"rm {name}");
    }

    private static async Task ShellAsync(string script)
    {
        using var shell = System.Diagnostics.Process.Start("bash", ["-c", script]);
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }

    [Fact]
    public async Task An_install_makes_exactly_the_tree_that_was_published()
    {
        var release = First();
        _rig.Source.Publish(release, 1);

        var result = await _rig.UpdateAsync();

        Assert.Equal(UpdateState.Installed, result.State);
        Assert.Null(result.FromVersion);
        _rig.AssertCurrent(release);
        Assert.Equal("releases/1.0.0", Fs.FindLinkTarget(_rig.Current));
        Assert.False(Directory.Exists(_rig.Product.PreviousLink));
        Assert.True(Directory.Exists(Path.Combine(_rig.Current, "empty/directory")));
        Assert.Equal("../bin/run", Fs.FindLinkTarget(Path.Combine(_rig.Current, "lib/run")));
        Assert.Equal(755, Mode(Path.Combine(_rig.Current, "bin/run")));
        Assert.Equal(644, Mode(Path.Combine(_rig.Current, "readme")));
        Assert.Equal(755, Mode(Path.Combine(_rig.Product.ReleaseOf("1.0.0"), "empty")));
        Assert.Equal(755, Mode(_rig.Product.ReleaseOf("1.0.0")));
        Assert.Equal(700, Mode(_rig.Product.Staging));
        Assert.Empty(Directory.GetFileSystemEntries(_rig.Product.Staging));
        Assert.Equal(1ul, _rig.Trust.AcceptedCounter);
    }

    [Fact]
    public async Task Every_chunk_is_fetched_once_however_often_it_occurs()
    {
        var release = First().File("again/large", Large).File("again/larger", [.. Large, .. Large]);
        _rig.Source.Publish(release, 1);

        var result = await _rig.UpdateAsync();

        _rig.AssertCurrent(release);
        Assert.Equal(_rig.Source.ChunksSent.Count, _rig.Source.ChunksSent.Distinct().Count());
        Assert.Equal(_rig.Source.ChunksSent.Sum(chunk => chunk.Length), result.FetchedChunkBytes);
    }

    [Fact]
    public async Task An_upgrade_fetches_only_what_the_disk_does_not_hold()
    {
        await InstalledAsync(First());
        var changed = Large.ToArray();
        changed[30_000] ^= 1;
        var second = new TestRelease("1.1.0", 2)
            .File("bin/run", "#!/bin/sh\n"u8.ToArray(), executable: true).File("lib/large", changed)
            .File("lib/moved", "read me")
            .Link("lib/run", "../bin/run");
        _rig.Source.Publish(second, 2);

        var result = await _rig.UpdateAsync();

        _rig.AssertCurrent(second);
        var held = First().Chunks.Values.SelectMany(chunks => chunks).ToHashSet();
        Assert.Equal(
            second.Chunks.Values.SelectMany(chunks => chunks).Distinct().Where(chunk => !held.Contains(chunk)),
            _rig.Source.ChunksSent);
        Assert.Equal(_rig.Source.ChunksSent.Sum(chunk => chunk.Length), result.FetchedChunkBytes);
        Assert.Equal(1, result.KeptFiles);
        Assert.Equal("1.0.0", result.FromVersion);
        Assert.Equal("releases/1.0.0", Fs.FindLinkTarget(_rig.Product.PreviousLink));
        // Only the changed file of more than one chunk needs a recipe.
        Assert.Equal([IndexOf(second, "lib/large")], _rig.Source.RecipesAsked);
    }

    [Fact]
    public async Task Changing_the_old_tree_afterwards_does_not_change_the_new_one()
    {
        await InstalledAsync(First());
        var second = First("1.1.0", 2);
        _rig.Source.Publish(second, 2);
        await _rig.UpdateAsync();

        File.WriteAllText(Path.Combine(_rig.Product.ReleaseOf("1.0.0"), "readme"), "scribble");

        _rig.AssertCurrent(second);
    }

    [Fact]
    public async Task Asking_again_changes_nothing_and_fetches_no_manifest()
    {
        await InstalledAsync(First());
        var before = _rig.Snapshot();

        var result = await _rig.UpdateAsync();

        Assert.Equal(UpdateState.Unchanged, result.State);
        Assert.Equal(before, _rig.Snapshot());
        Assert.Empty(_rig.Source.ChunksSent);
    }

    [Fact]
    public async Task A_manifest_travels_against_the_one_that_is_held()
    {
        await InstalledAsync(First());
        _rig.Source.Publish(First("1.1.0", 2), 2);
        var usesPrefix = false;
        _rig.Source.TamperHeader = header => usesPrefix = header.UsesPrefix;

        await _rig.UpdateAsync();

        Assert.True(usesPrefix);
        Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
    }

    [Fact]
    public async Task A_dry_run_says_what_would_happen_and_leaves_no_trace()
    {
        await InstalledAsync(First());
        _rig.Source.Publish(First("1.1.0", 2).File("new", "brand new"), 2);
        var before = _rig.Snapshot();

        var result = await _rig.UpdateAsync(isDryRun: true);

        Assert.Equal(UpdateState.Planned, result.State);
        Assert.Equal("brand new".Length, result.FetchedChunkBytes);
        Assert.Equal(["new"], result.Steps!.Where(step => step.FetchBytes > 0).Select(step => step.Path));
        Assert.Equal(before, _rig.Snapshot());
        Assert.Empty(Directory.GetFileSystemEntries(_rig.Product.Staging));
        Assert.Empty(_rig.Source.ChunksSent);
    }

    [Fact]
    public async Task A_version_can_be_asked_for_by_name_but_never_one_older_than_accepted()
    {
        var (first, second, third) = (First(), First("1.1.0", 2), First("1.2.0", 3));
        _rig.Source.Publish(first, 1);
        _rig.Source.Publish(second, 2);
        _rig.Source.Publish(third, 3);

        await _rig.UpdateAsync("1.1.0");

        _rig.AssertCurrent(second);
        await _rig.RefusedAsync("ROLLBACK", "1.0.0");
        await _rig.UpdateAsync();
        _rig.AssertCurrent(third);
    }

    [Fact]
    public async Task A_revert_goes_back_and_holds_until_it_is_lifted_and_nothing_is_fetched_again()
    {
        var second = First("1.1.0", 2).File("new", "brand new");
        await InstalledAsync(First());
        await InstalledAsync(second, seq: 2);

        _rig.Installed.Revert("editor");

        _rig.AssertCurrent(First());
        Assert.Equal("releases/1.1.0", Fs.FindLinkTarget(_rig.Product.PreviousLink));
        Assert.Equal(2ul, _rig.Trust.AcceptedCounter);
        _rig.Source.ChunksSent.Clear();

        Assert.Equal(UpdateState.Rejected, (await _rig.UpdateAsync()).State);
        _rig.AssertCurrent(First());
        _rig.Installed.Unhold("editor");
        Assert.Equal(UpdateState.Installed, (await _rig.UpdateAsync()).State);

        _rig.AssertCurrent(second);
        Assert.Empty(_rig.Source.ChunksSent);
    }

    [Fact]
    public async Task A_revert_goes_to_any_release_that_is_installed()
    {
        await InstalledAsync(First());
        await InstalledAsync(First("1.1.0", 2), seq: 2);
        await InstalledAsync(First("1.2.0", 3), seq: 3);

        Assert.Equal("1.0.0", _rig.Installed.Revert("editor", "1.0.0").Version);

        _rig.AssertCurrent(First());
        Assert.Equal("1.2.0", _rig.States.Find()!.PreviousRelease?.Version);
        foreach (var version in (string[])["1.0.0", "3.0.0"])
        {
            var failure = Assert.Throws<ChunkOtaException>(() => _rig.Installed.Revert("editor", version));
            Assert.Equal(ErrorCodes.NothingToRevert, failure.Code);
        }
    }

    [Fact]
    public async Task A_kept_tree_that_was_damaged_is_put_right_and_only_the_damage_fetched()
    {
        var second = First("1.1.0", 2).File("new", "brand new");
        await InstalledAsync(First());
        await InstalledAsync(second, seq: 2);
        _rig.Installed.Revert("editor");
        File.WriteAllText(Path.Combine(_rig.Product.ReleaseOf("1.1.0"), "new"), "scribbled");
        File.WriteAllText(Path.Combine(_rig.Product.ReleaseOf("1.1.0"), "extra"), "not ours");
        _rig.Source.ChunksSent.Clear();

        await _rig.UpdateAsync("1.1.0");

        _rig.AssertCurrent(second);
        Assert.Equal(second.Chunks["new"], _rig.Source.ChunksSent);
    }

    [Fact]
    public async Task A_foreign_directory_of_the_version_is_refused_and_left_alone()
    {
        _rig.Source.Publish(First(), 1);
        Directory.CreateDirectory(_rig.Product.ReleaseOf("1.0.0"));
        File.WriteAllText(Path.Combine(_rig.Product.ReleaseOf("1.0.0"), "mine"), "precious");

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal("VERSION_TAKEN", failure.Code);
        Assert.Equal("precious", File.ReadAllText(Path.Combine(_rig.Product.ReleaseOf("1.0.0"), "mine")));
        Directory.Delete(_rig.Product.ReleaseOf("1.0.0"), recursive: true);
        await _rig.UpdateAsync();
        _rig.AssertCurrent(First());
    }

    [Fact]
    public async Task An_empty_and_a_vast_number_of_tiny_files_arrive()
    {
        var release = new TestRelease("1.0.0", 1).File("empty", []);
        for (var i = 0; i < 3000; i++)
            release.File($"d{i % 50}/f{i}", $"tiny {i}");
        _rig.Source.ChunksPerFrame = 400;
        _rig.Source.Publish(release, 1);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(release);
    }

    [Fact]
    public async Task Too_small_a_disk_is_found_out_before_anything_is_asked_for_or_written()
    {
        var release = First();
        release.Manifest.Entries.Single(entry => entry.Path == "lib/large").Size = 1ul << 60;
        _rig.Source.Publish(release, 1);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal("DISK_FULL", failure.Code);
        Assert.Empty(_rig.Source.RecipesAsked);
        Assert.Empty(Directory.GetFileSystemEntries(_rig.Product.Staging));
        Assert.Empty(Directory.GetFileSystemEntries(_rig.Product.Manifests));
    }

    internal static TestRelease First(string version = "1.0.0", ulong counter = 1) => new TestRelease(version, counter)
        .File("bin/run", "#!/bin/sh\n"u8.ToArray(), executable: true)
        .File("lib/large", Large)
        .File("lib/empty", [])
        .File("readme", "read me")
        .EmptyDirectory("empty/directory")
        .Link("lib/run", "../bin/run");

    private async Task InstalledAsync(TestRelease release, ulong seq = 1)
    {
        _rig.Source.Publish(release, seq);
        await _rig.UpdateAsync();
        _rig.Source.ChunksSent.Clear();
        _rig.Source.RecipesAsked.Clear();
    }

    private static int IndexOf(TestRelease release, string path) =>
        release.Manifest.Entries.ToList().FindIndex(entry => entry.Path == path);

    private static int Mode(string path) => int.Parse(
        Convert.ToString(Fs.FindStatus(path)!.Value.Mode, 8), System.Globalization.CultureInfo.InvariantCulture);
}
