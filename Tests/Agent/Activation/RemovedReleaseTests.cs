using System.Diagnostics;
using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Activation;

/// <summary>Removing releases that hold someone's data, that run, or that resist.</summary>
public sealed class RemovedReleaseTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Data_that_is_mounted_into_a_release_survives_and_the_release_stays_until_it_is_unmounted()
    {
        await InstallAsync(1);
        var precious = Path.Combine(_rig.Folder, "precious");
        Directory.CreateDirectory(precious);
        await File.WriteAllTextAsync(Path.Combine(precious, "db"), "customers");
        var point = Path.Combine(_rig.Product.ReleaseOf("1.1.0"), "data");
        Directory.CreateDirectory(point);
        await using (await SmallDisk.BindAsync(precious, point))
        {
            await InstallAsync(2, 3, 4);

            var plan = Prune();

            Assert.Equal(["1.2.0"], plan.Versions);
            var kept = Assert.Single(plan.Kept);
            Assert.Equal(new KeptRelease("1.1.0", $"{point} is a mount point"), kept);
            Assert.Empty(plan.Left);
            Assert.Equal("customers", await File.ReadAllTextAsync(Path.Combine(point, "db")));
        }

        Assert.Equal(["1.1.0"], Prune().Versions);
        Assert.Equal("customers", await File.ReadAllTextAsync(Path.Combine(precious, "db")));
        Assert.Equal(["1.3.0", "1.4.0"], _rig.InstalledVersions);
    }

    [Fact]
    public async Task Data_that_is_mounted_on_a_directory_of_a_damaged_release_survives_its_new_installation()
    {
        await InstallAsync(1);
        var second = new TestRelease("1.2.0", 2).File("data/seed", "seed").File("app", "two");
        _rig.Source.Publish(second, 2);
        await _rig.UpdateAsync();
        _rig.Installed.Revert("editor");
        var tree = _rig.Product.ReleaseOf("1.2.0");
        await File.WriteAllTextAsync(Path.Combine(tree, "app"), "TWO");
        var precious = Path.Combine(_rig.Folder, "precious");
        Directory.CreateDirectory(precious);
        await File.WriteAllTextAsync(Path.Combine(precious, "db"), "customers");
        await RunAsync("mount", "--bind", precious, Path.Combine(tree, "data"));
        try
        {
            await _rig.UpdateAsync("1.2.0");

            _rig.AssertCurrent(second);
            Assert.Equal("customers", await File.ReadAllTextAsync(Path.Combine(precious, "db")));
        }
        finally
        {
            // It has moved with the damaged tree.
            while (TreeUses.FindMount(_rig.Product.Root) is { } mount)
                await RunAsync("umount", "--lazy", mount.Name);
        }
    }

    [Fact]
    public async Task A_mount_in_a_removed_tree_survives_and_the_rest_goes_when_it_is_gone()
    {
        await InstallAsync(1);
        var tree = Path.Combine(_rig.Product.Staging, "removed-1.0.0");
        Directory.CreateDirectory(Path.Combine(tree, "data"));
        await File.WriteAllTextAsync(Path.Combine(tree, "file"), "");
        await using (await SmallDisk.MountAsync(Path.Combine(tree, "data"), megabytes: 1))
        {
            Assert.Equal([$"{tree}/data is a mount point"], Prune().Left);
            Assert.Equal([$"{tree}/data"], Directory.GetFileSystemEntries(tree));
        }

        Assert.Empty(Prune().Left);
        Assert.False(Directory.Exists(tree));
    }

    [Fact]
    public async Task A_release_that_a_process_runs_from_stays_until_the_process_has_ended()
    {
        await InstallAsync(1, 2, 3);
        var program = Path.Combine(_rig.Product.ReleaseOf("1.1.0"), "app");
        File.Copy("/bin/sleep", program);
        using (var process = Process.Start(program, "60"))
        {
            try
            {
                await Eventually.Async("the program runs", () => _rig.Installed.FindUses("editor").Any(
                    use => use.Cause == $"process {process.Id} (app) uses it"));
                Assert.Equal(["1.1.0"], Prune(isDryRun: true).Kept.Select(kept => kept.Version));

                var plan = Prune();

                Assert.Empty(plan.Versions);
                Assert.Equal($"process {process.Id} (app) uses it", Assert.Single(plan.Kept).Cause);
                Assert.True(File.Exists(program));
                Assert.Equal("1.1.0", Assert.Single(_rig.Installed.FindUses("editor")).Version);
            }
            finally
            {
                process.Kill();
                await process.WaitForExitAsync();
            }
        }

        Assert.Equal(["1.1.0"], Prune().Versions);
        Assert.Equal(["1.2.0", "1.3.0"], _rig.InstalledVersions);
    }

    [FactIfInstalled("chattr")]
    public async Task An_immutable_file_is_named_and_removed_by_a_later_run()
    {
        await InstallAsync(1, 2, 3);
        await ChangeAsync("+i", Path.Combine(_rig.Product.ReleaseOf("1.1.0"), "same"));

        var plan = Prune();

        var removed = Path.Combine(_rig.Product.Staging, "removed-1.1.0", "same");
        Assert.Equal(["1.1.0"], plan.Versions);
        Assert.Equal([$"{removed} is immutable or append-only"], plan.Left);
        Assert.Equal(["1.2.0", "1.3.0"], _rig.InstalledVersions);
        await ChangeAsync("-i", removed);
        _rig.Installed.Hold("editor");
        Assert.Empty(Directory.GetFileSystemEntries(_rig.Product.Staging));
    }

    [Fact]
    public async Task A_release_can_be_removed_twice_although_the_first_time_something_stayed()
    {
        await InstallAsync(1, 2, 3);
        var first = Path.Combine(_rig.Product.Staging, "removed-1.1.0", "data");
        Directory.CreateDirectory(first);
        await using var mount = await SmallDisk.MountAsync(first, megabytes: 1);

        var plan = Prune();

        Assert.Equal(["1.1.0"], plan.Versions);
        Assert.Equal([$"{first} is a mount point"], plan.Left);
        Assert.Equal(["removed-1.1.0"], Directory.GetFileSystemEntries(_rig.Product.Staging).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Temporary_files_of_killed_processes_go_with_the_next_run_and_nothing_else_does()
    {
        await InstallAsync(1);
        string[] leftovers =
        [
            Path.Combine(_rig.Product.Root, ".state.a.4711-3.tmp"), Path.Combine(_rig.Product.Manifests, ".x.1-1.tmp"),
            Path.Combine(_rig.Home.StateDirectory, ".device.key.1-22.tmp"),
        ];
        string[] others =
        [
            Path.Combine(_rig.Product.Root, ".notes.tmp"), Path.Combine(_rig.Product.Root, "state.1-1.tmp"),
            Path.Combine(_rig.Product.Root, ".a.1-.tmp"), Path.Combine(_rig.Product.Root, ".a.b-1.tmp"),
        ];
        foreach (var path in leftovers.Concat(others)) await File.WriteAllTextAsync(path, "");
        var link = Path.Combine(_rig.Product.Root, ".current.1-2.tmp");
        Fs.MakeSymlink("releases/1.1.0", link);

        Prune();
        await InstallAsync(2);

        Assert.All(leftovers.Append(link), path => Assert.Null(Fs.FindStatus(path)));
        Assert.All(others, path => Assert.NotNull(Fs.FindStatus(path)));
    }

    private static Task ChangeAsync(string attribute, string path) => RunAsync("chattr", attribute, path);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private PrunePlan Prune(bool isDryRun = false) => _rig.Installed.Prune("editor", 2, isDryRun);

    private async Task InstallAsync(params int[] numbers)
    {
        foreach (var number in numbers)
        {
            var release = new TestRelease($"1.{number}.0", (ulong)number)
                .File("large", TestRelease.Random(number, 12_000)).File("same", "as ever");
            _rig.Source.Publish(release, (ulong)number);
            await _rig.UpdateAsync();
        }
    }
}
