using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.State;

/// <summary>Disks without space or inodes, and other users' views of a home.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prune_and_revert_work_on_a_disk_that_is_full_to_the_last_byte(bool isRevertFirst)
    {
        await using var disk = await MoveToSmallDiskAsync();
        await InstallAsync(1, 2, 3, 4);
        Fill(disk.Path);

        if (isRevertFirst)
        {
            Assert.Equal("1.3.0", _rig.Installed.Revert("editor").Version);
            Assert.Equal("1.3.0", _rig.Installed.Get("editor").Current?.Version);
        }
        var plan = _rig.Installed.Prune("editor", 2, isDryRun: false);

        Assert.Equal(["1.2.0", "1.1.0"], plan.Versions);
        Assert.Equal(["1.3.0", "1.4.0"], _rig.InstalledVersions);
        Assert.Empty(_rig.Installed.Verify("editor").Damage);
    }

    [Fact]
    public async Task Prune_and_revert_work_on_a_disk_without_a_single_inode()
    {
        await using var disk = await MoveToSmallDiskAsync(inodes: 100);
        await InstallAsync(1, 2, 3);
        var failure = Assert.Throws<FileSystemException>(() => TakeAllInodes(disk.Path));
        Assert.Equal((ErrorCodes.DiskFull, FileProblem.NoInodes), (failure.Code, failure.Problem));

        Assert.Equal("1.2.0", _rig.Installed.Revert("editor").Version);
        Assert.Equal(["1.1.0"], _rig.Installed.Prune("editor", 2, isDryRun: false).Versions);

        Assert.Equal("releases/1.2.0", Fs.FindLinkTarget(_rig.Current));
        Assert.Equal("releases/1.3.0", Fs.FindLinkTarget(_rig.Product.PreviousLink));
    }

    [Fact]
    public async Task A_disk_without_inodes_is_named_before_anything_is_written()
    {
        await using var disk = await MoveToSmallDiskAsync(inodes: 60);
        var release = new TestRelease("1.0.0", 1);
        for (var i = 0; i < 20; i++) release.File($"d{i}/file", $"{i}");
        _rig.Source.Publish(release, 1);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal((ErrorCodes.DiskFull, FailureCause.Inodes), (failure.Code, failure.Cause));
        Assert.StartsWith("editor 1.0.0 needs 56 inodes on the file system of ", failure.Message,
            StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_rig.Product.Staging));
    }

    [Theory]
    [InlineData(60, "needs 56 inodes on the file system of ", FailureCause.Inodes)]
    [InlineData(null, "needs 6.2 MB on the file system of ", null)]
    [InlineData(500, null, null)]
    public async Task A_dry_run_plans_bytes_and_inodes_and_names_what_is_short(
        int? inodes, string? shortage, FailureCause? cause)
    {
        await using var disk = await MoveToSmallDiskAsync(inodes);
        var release = new TestRelease("1.0.0", 1);
        for (var i = 0; i < 20; i++)
            release.File($"d{i}/file", TestRelease.Random(i, inodes is null ? 250_000 : 10));
        _rig.Source.Publish(release, 1);

        var plan = await _rig.UpdateAsync(isDryRun: true);

        Assert.Equal((UpdateState.Planned, 56), (plan.State, plan.PeakInodes));
        Assert.Equal(shortage is null ? null : ErrorCodes.DiskFull, plan.Shortage?.Code);
        Assert.Contains(shortage ?? "", plan.Shortage?.Message ?? "", StringComparison.Ordinal);
        var failure = await Record.ExceptionAsync(() => _rig.UpdateAsync()) as ChunkOtaException;
        Assert.Equal((plan.Shortage?.Code, cause), (failure?.Code, failure?.Cause));
    }

    [Fact]
    public async Task Zeros_of_a_file_take_no_space()
    {
        var sparse = new byte[900_000];
        TestRelease.Random(1, 5_000).CopyTo(sparse, 300_000);
        var first = new TestRelease("1.0.0", 1).File("sparse", sparse).File("zeros", new byte[200_000]);
        _rig.Source.Publish(first, 1);
        await _rig.UpdateAsync();
        _rig.AssertCurrent(first);
        Assert.InRange(await BlocksAsync("sparse"), 1, 32);
        Assert.InRange(await BlocksAsync("zeros"), 0, 16);

        var second = new TestRelease("1.1.0", 2).File("sparse", sparse).File("zeros", new byte[300_000]);
        _rig.Source.Publish(second, 2);
        await _rig.UpdateAsync();

        _rig.AssertCurrent(second);
        Assert.InRange(await BlocksAsync("sparse"), 1, 32);
        Assert.InRange(await BlocksAsync("zeros"), 0, 16);
    }

    [Fact]
    public async Task Another_user_sees_what_is_installed_and_writes_nothing()
    {
        await InstallAsync(1, 2);
        File.SetUnixFileMode(_rig.Folder, (UnixFileMode)0b111_101_101);
        var before = _rig.Snapshot();

        OtherUser.AsNobody(() =>
        {
            var summary = Assert.Single(_rig.Installed.List());
            Assert.Equal("1.2.0", summary.Current?.Version);
            Assert.NotNull(summary.PointerExpiresUnixSeconds);
            Assert.Equal(
                FileProblem.NotPermitted,
                Assert.Throws<FileSystemException>(() => _rig.Installed.Hold("editor")).Problem);
        });

        Assert.Equal(before, _rig.Snapshot());
        Assert.True(Fs.FindStatus(_rig.Product.LockPath)!.Value.Has(Permissions.Private));
    }

    private async Task<SmallDisk> MoveToSmallDiskAsync(int? inodes = null)
    {
        Directory.Delete(_rig.Home.Root, recursive: true);
        var disk = await SmallDisk.MountAsync(_rig.Home.Root, megabytes: 4, inodes);
        _rig.Home.Make();
        _rig.Product.Make();
        return disk;
    }

    private static void TakeAllInodes(string folder)
    {
        for (var i = 0; ; i++) DurableFile.Create(Path.Combine(folder, $"ballast{i}")).Dispose();
    }

    /// <summary>Takes every byte.</summary>
    private static void Fill(string folder)
    {
        using var file = DurableFile.Create(Path.Combine(folder, "ballast"));
        var (offset, piece) = (0L, new byte[65_536]);
        piece.AsSpan().Fill(1);
        for (var size = piece.Length; size > 0;)
        {
            try
            {
                file.WriteAt(offset, piece.AsSpan(0, size));
                offset += size;
            }
            catch (FileSystemException e) when (e.Problem == FileProblem.Full)
            {
                size /= 2;
            }
        }
        Assert.True(Fs.FreeBytes(folder) == 0);
    }

    private async Task<long> BlocksAsync(string file)
    {
        var stat = await ProgramRun.RunAsync(
            new Dictionary<string, string?>(), "stat", "-L", "-c", "%b", Path.Combine(_rig.Current, file));
        return long.Parse(stat.Succeeded().Out, System.Globalization.CultureInfo.InvariantCulture);
    }

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
