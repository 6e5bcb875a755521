using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Repair;

/// <summary>A run that has nothing to install notices that what is current is damaged, and puts it right.</summary>
public sealed class RepairTests : IDisposable
{
    private static readonly byte[] Large = TestRelease.Random(1, 60_000);
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task G_07_A_flipped_byte_is_noticed_and_costs_one_chunk()
    {
        await InstallAsync(Release());
        Flip("large", 30_000);

        var result = await _rig.UpdateAsync();

        Assert.Equal(UpdateState.Repaired, result.State);
        Assert.Equal(["large: other content"], Told(result.Repaired!));
        Assert.Single(_rig.Source.ChunksSent);
        Assert.Equal(_rig.Source.ChunksSent[0].Length, result.FetchedChunkBytes);
        _rig.AssertCurrent(Release());
        Assert.Equal(UpdateState.Unchanged, (await _rig.UpdateAsync()).State);
    }

    [Fact]
    public async Task Everything_that_can_be_damaged_is_put_right_with_one_release_installed()
    {
        await InstallAsync(Release());
        var c = _rig.Current;
        File.Delete(Path.Combine(c, "lib/text"));
        File.Delete(Path.Combine(c, "lib/link"));
        File.CreateSymbolicLink(Path.Combine(c, "lib/link"), "/etc/passwd");
        File.SetUnixFileMode(Path.Combine(c, "run"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(Path.Combine(c, "none"), "something");
        Directory.Delete(Path.Combine(c, "empty"));
        File.WriteAllBytes(Path.Combine(c, "large"), Large[..1000]);

        var result = await _rig.UpdateAsync();

        Assert.Equal(
            ["empty: missing", "large: other size", "lib/link: link to elsewhere", "lib/text: missing",
                "none: other size", "run: mode 600"],
            Told(result.Repaired!));
        _rig.AssertCurrent(Release());
        Assert.Equal("text", new FileInfo(Path.Combine(c, "lib/link")).LinkTarget);
        Assert.True(Directory.Exists(Path.Combine(c, "empty")));
        Assert.Empty(Directory.GetFileSystemEntries(_rig.Product.Staging));
    }

    [Theory]
    [InlineData(".")]
    [InlineData("lib")]
    [InlineData("lib/deep")]
    [InlineData("empty")]
    public async Task A_directory_with_other_permissions_is_damage_and_gets_its_own_back(string path)
    {
        await InstallAsync(Release());
        var directory = Path.Combine(_rig.Product.ReleaseOf("1.0.0"), path);
        foreach (var (mode, text) in new[] { ((UnixFileMode)0b111_111_111, "777"), (UnixFileMode.None, "0") })
        {
            File.SetUnixFileMode(directory, mode);
            Assert.Equal([$"{path}: mode {text}"], Told(_rig.Installed.Verify("editor").Damage));
            Assert.Equal(
                "NOT_AS_INSTALLED", (await _rig.Installed.DiagnoseAsync("editor")).Error?.Code);

            var result = await _rig.UpdateAsync();

            Assert.Equal([$"{path}: mode {text}"], Told(result.Repaired!));
            Assert.Equal(0, result.FetchedChunkBytes);
            _rig.AssertCurrent(Release());
            Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(directory));
        }
    }

    [Fact]
    public async Task Damage_in_a_closed_directory_is_found_and_put_right_once_it_is_open()
    {
        await InstallAsync(Release());
        var lib = Path.Combine(_rig.Current, "lib");
        File.Delete(Path.Combine(lib, "deep/file"));
        File.WriteAllText(Path.Combine(lib, "text"), "changed");
        File.SetUnixFileMode(Path.Combine(lib, "deep"), UnixFileMode.UserWrite);
        File.SetUnixFileMode(lib, UnixFileMode.UserRead);
        Assert.Equal(["lib: mode 400"], Told(_rig.Installed.Verify("editor").Damage));

        var result = await _rig.UpdateAsync();

        Assert.Equal(
            ["lib: mode 400", "lib/deep: mode 200", "lib/deep/file: missing", "lib/text: other size"],
            Told(result.Repaired!));
        _rig.AssertCurrent(Release());
    }

    [Fact]
    public async Task A_release_whose_permissions_alone_were_changed_can_be_gone_back_to()
    {
        await InstallAsync(Release());
        await InstallAsync(Release("1.1.0", 2));
        var old = _rig.Product.ReleaseOf("1.0.0");
        // As an operator hardens what is installed, or shares it with a group.
        File.SetUnixFileMode(Path.Combine(old, "run"), (UnixFileMode)0b101_101_101);
        File.SetUnixFileMode(Path.Combine(old, "lib/deep/file"), (UnixFileMode)0b110_110_100);
        File.SetUnixFileMode(Path.Combine(old, "lib/deep"), UnixFileMode.None);
        File.SetUnixFileMode(Path.Combine(old, "lib"), UnixFileMode.None);
        File.SetUnixFileMode(old, (UnixFileMode)0b101_101_101);

        _rig.Installed.Revert("editor");

        _rig.AssertCurrent(Release());
    }

    [Fact]
    public async Task A_directory_that_somebody_has_mounted_into_the_release_keeps_its_permissions()
    {
        await InstallAsync(Release());
        var mine = Directory.CreateDirectory(Path.Combine(_rig.Folder, "mine"), UnixFileMode.UserExecute).FullName;
        await using (await SmallDisk.BindAsync(mine, Path.Combine(_rig.Product.ReleaseOf("1.0.0"), "empty")))
        {
            Assert.Equal(UpdateState.Unchanged, (await _rig.UpdateAsync(verifiesInFull: true)).State);
            Assert.Empty(_rig.Installed.Verify("editor").Damage);
        }
        Assert.Equal(UnixFileMode.UserExecute, File.GetUnixFileMode(mine));
    }

    [Fact]
    public async Task What_stands_in_the_way_is_moved_aside_and_not_lost()
    {
        await InstallAsync(Release());
        var c = _rig.Current;
        File.Delete(Path.Combine(c, "run"));
        Directory.CreateDirectory(Path.Combine(c, "run"));
        File.WriteAllText(Path.Combine(c, "run/data"), "mine");
        Directory.Delete(Path.Combine(c, "lib"), recursive: true);
        var elsewhere = Path.Combine(_rig.Folder, "elsewhere");
        Directory.CreateDirectory(elsewhere);
        File.WriteAllText(Path.Combine(elsewhere, "text"), "mine, too");
        File.CreateSymbolicLink(Path.Combine(c, "lib"), elsewhere);

        await _rig.UpdateAsync();

        var (damage, extra) = _rig.Installed.Verify("editor");
        Assert.Empty(damage);
        Assert.Equal(["lib.moved-by-repair", "run.moved-by-repair/"], extra);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(c, "run.moved-by-repair/data")));
        Assert.Equal("mine, too", File.ReadAllText(Path.Combine(elsewhere, "text")));
        Assert.Equal("text of 1.0.0", File.ReadAllText(Path.Combine(c, "lib/text")));
    }

    [Fact]
    public async Task A_damaged_file_is_replaced_and_never_written_to()
    {
        await InstallAsync(Release());
        Flip("large", 5);
        using var open = File.OpenRead(Path.Combine(_rig.Current, "large"));
        var before = new byte[Large.Length];
        open.ReadExactly(before);

        await _rig.UpdateAsync();

        open.Position = 0;
        var after = new byte[Large.Length];
        open.ReadExactly(after);
        Assert.Equal(before, after);
        Assert.NotEqual(Large, after);
        _rig.AssertCurrent(Release());
    }

    [Fact]
    public async Task Damage_that_two_releases_share_is_repaired_in_each_and_fetched_once()
    {
        await InstallAsync(Release());
        await InstallAsync(Release("1.1.0", 2));
        Flip("large", 5);
        var refusal = Assert.ThrowsAny<ChunkOtaException>(() => _rig.Installed.Revert("editor"));
        Assert.Equal("NOT_AS_INSTALLED", refusal.Code);

        await _rig.UpdateAsync();
        Assert.Single(_rig.Source.ChunksSent);
        _rig.AssertCurrent(Release("1.1.0", 2));
        // Without a server: the release that was repaired has what the other one lacks.
        var result = await _rig.Installed.RepairAsync("editor", "1.0.0");

        Assert.Equal(["large: other content"], Told(result.Repaired));
        Assert.Equal(0, result.FetchedChunkBytes);
        _rig.Installed.Revert("editor");
        _rig.AssertCurrent(Release());
    }

    [Fact]
    public async Task Files_that_the_application_adds_stay_and_block_nothing()
    {
        await InstallAsync(Release());
        File.WriteAllText(Path.Combine(_rig.Current, "app.log"), "started");
        Directory.CreateDirectory(Path.Combine(_rig.Current, "lib/__pycache__"));
        File.WriteAllText(Path.Combine(_rig.Current, "lib/__pycache__/a.pyc"), "");
        Flip("large", 5);

        Assert.Equal(["app.log", "lib/__pycache__/"], _rig.Installed.Verify("editor").Extra);
        await _rig.UpdateAsync();
        Assert.Equal(["app.log", "lib/__pycache__/"], _rig.Installed.Verify("editor").Extra);
        await InstallAsync(Release("1.1.0", 2));
        _rig.Installed.Revert("editor");

        Assert.Equal("1.0.0", _rig.Activation.FindCurrent());
        Assert.Equal("started", File.ReadAllText(Path.Combine(_rig.Current, "app.log")));
    }

    [Fact]
    public async Task Mutable_files_are_the_applications_and_come_back_only_when_they_are_gone()
    {
        var release = Release().With(manifest => manifest.Mutable.Add(["lib/text", "*.log"]));
        await InstallAsync(release);
        File.WriteAllText(Path.Combine(_rig.Current, "lib/text"), "changed");
        File.WriteAllText(Path.Combine(_rig.Current, "app.log"), "started");

        Assert.Equal(UpdateState.Unchanged, (await _rig.UpdateAsync(verifiesInFull: true)).State);
        var (damage, extra) = _rig.Installed.Verify("editor");
        Assert.Empty(damage);
        Assert.Empty(extra);
        Flip("large", 5);
        await _rig.UpdateAsync();
        Assert.Equal("changed", File.ReadAllText(Path.Combine(_rig.Current, "lib/text")));

        File.Delete(Path.Combine(_rig.Current, "lib/text"));
        Assert.Equal(UpdateState.Unchanged, (await _rig.UpdateAsync(verifiesInFull: true)).State);
        Assert.Empty(_rig.Installed.Verify("editor").Damage);
        Flip("large", 6);
        await _rig.UpdateAsync();
        Assert.Equal("text of 1.0.0", File.ReadAllText(Path.Combine(_rig.Current, "lib/text")));
    }

    [Fact]
    public async Task Only_what_looks_changed_is_read_unless_all_of_it_is_to_be_verified()
    {
        await InstallAsync(Release());
        await InstallAsync(Release("1.1.0", 2));
        // A file with two names: only its own time of change counts, and that can be set back.
        var (large, other) = (Path.Combine(_rig.Current, "large"), Path.Combine(_rig.Folder, "time"));
        await TouchLikeAsync(large, other);
        Flip("large", 5);
        await TouchLikeAsync(other, large);

        Assert.Equal(UpdateState.Unchanged, (await _rig.UpdateAsync()).State);
        var result = await _rig.UpdateAsync(verifiesInFull: true);

        Assert.Equal(UpdateState.Repaired, result.State);
        _rig.AssertCurrent(Release("1.1.0", 2));
    }

    [Fact]
    public async Task A_home_without_seals_is_checked_in_full_and_sealed()
    {
        var digest = await InstallAsync(Release());
        var seal = Path.Combine(_rig.Product.Manifests, $"{digest}.seal");
        Assert.True(File.Exists(seal));
        File.WriteAllText(seal, "torn");
        Flip("large", 5);

        Assert.Equal(UpdateState.Repaired, (await _rig.UpdateAsync()).State);
        Assert.Equal(ReleaseSeal.BytesOf(Release().Manifest.Entries.Count), new FileInfo(seal).Length);
        File.SetLastWriteTimeUtc(Path.Combine(_rig.Current, "large"), DateTime.UnixEpoch);
        var before = File.ReadAllBytes(seal);

        // Touched and not changed: read once, and sealed again.
        Assert.Equal(UpdateState.Unchanged, (await _rig.UpdateAsync()).State);
        Assert.NotEqual(before, File.ReadAllBytes(seal));
    }

    [Fact]
    public async Task A_dry_run_names_the_damage_and_leaves_it()
    {
        await InstallAsync(Release());
        Flip("large", 5);

        var result = await _rig.UpdateAsync(isDryRun: true);

        Assert.Equal(UpdateState.Unchanged, result.State);
        Assert.Single(_rig.Installed.Verify("editor").Damage);
    }

    [Fact]
    public async Task G_05_A_repair_that_fails_at_any_step_leaves_each_file_damaged_or_right_and_heals()
    {
        for (var step = 1; ; step++)
        {
            using var rig = new AgentRig();
            rig.Source.Publish(Release(), 1);
            await rig.UpdateAsync();
            var large = Path.Combine(rig.Current, "large");
            FlipIn(large, 5, 50_000);
            var damaged = File.ReadAllBytes(large);
            File.WriteAllText(Path.Combine(rig.Current, "lib/text"), "changed");
            bool hasStruck;
            using (var fault = FaultPoint.Arm($"mode=eio;at={step};path={rig.Folder}"))
            {
                try
                {
                    await rig.UpdateAsync();
                }
                catch (FileSystemException e)
                {
                    Assert.Equal("IO_ERROR", e.Code);
                }
                hasStruck = fault.HasStruck;
            }
            var now = File.ReadAllBytes(large);
            Assert.True(now.AsSpan().SequenceEqual(damaged) || now.AsSpan().SequenceEqual(Large), $"step {step}");
            Assert.Contains(
                File.ReadAllText(Path.Combine(rig.Current, "lib/text")), (string[])["changed", "text of 1.0.0"]);

            await rig.UpdateAsync();
            rig.AssertCurrent(Release());
            if (!hasStruck)
            {
                Assert.InRange(step, 15, 100);
                return;
            }
        }
    }

    private async Task<string> InstallAsync(TestRelease release)
    {
        var digest = _rig.Source.Publish(release, release.Manifest.Counter);
        await _rig.UpdateAsync(link: LinkMode.Hardlink);
        _rig.Source.ChunksSent.Clear();
        return digest.ToString();
    }

    /// <summary>Sets the time of a file to that of another, to the nanosecond.</summary>
    private static async Task TouchLikeAsync(string model, string file)
    {
        using var touch = System.Diagnostics.Process.Start("touch", ["-r", model, file]);
        await touch.WaitForExitAsync();
        Assert.Equal(0, touch.ExitCode);
    }

    private void Flip(string path, int offset) => FlipIn(Path.Combine(_rig.Current, path), offset);

    /// <summary>Flips a bit of bytes in the file itself, under all its names.</summary>
    private static void FlipIn(string path, params int[] offsets)
    {
        using var file = File.Open(path, FileMode.Open);
        foreach (var offset in offsets)
        {
            file.Position = offset;
            var value = file.ReadByte();
            file.Position = offset;
            file.WriteByte((byte)(value ^ 1));
        }
    }

    private static IEnumerable<string> Told(IReadOnlyList<TreeDamage> damage) =>
        damage.Select(found => $"{found.Path}: {found.What}");

    private static TestRelease Release(string version = "1.0.0", ulong counter = 1) => new TestRelease(version, counter)
        .File("large", Large).File("none", "").File("run", TestRelease.Random(2, 500), executable: true)
        .File("lib/deep/file", "deep")
        .File("lib/text", $"text of {version}").Link("lib/link", "text").EmptyDirectory("empty");
}
