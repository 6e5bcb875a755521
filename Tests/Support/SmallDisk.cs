namespace ChunkOta.Tests.Support;

/// <summary>
/// A mount for one test, such as a file system of a few megabytes. Needs root, as CI is; it fails, not skips, without.
/// </summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <param name="inodes">The number of files and directories that it can hold; null for plenty.</param>
    public static async Task<SmallDisk> MountAsync(string path, int megabytes, int? inodes = null)
    {
        Directory.CreateDirectory(path);
        var limit = inodes is null ? "" : $",nr_inodes={inodes}";
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0700{limit}", "chunkota-test", path);
        return new SmallDisk(path);
    }

    /// <summary>A file system whose files can share blocks, in an image beside the path.</summary>
    public static async Task<SmallDisk> MountBtrfsAsync(string path, int megabytes)
    {
        Directory.CreateDirectory(path);
        var image = $"{path}.image";
        using (var file = File.Create(image))
            file.SetLength(megabytes * 1_048_576L);
        await RunAsync("mkfs.btrfs", "--quiet", "--mixed", image);
        await RunAsync("mount", "-o", "loop", image, path);
        return new SmallDisk(path);
    }

    /// <summary>What is in one directory, or one file, seen at another path as well.</summary>
    public static async Task<SmallDisk> BindAsync(string from, string path)
    {
        await RunAsync("mount", "--bind", from, path);
        return new SmallDisk(path);
    }

    /// <summary>As <see cref="BindAsync"/>; nothing can be written through the other path.</summary>
    public static async Task<SmallDisk> BindReadOnlyAsync(string from, string path)
    {
        var disk = await BindAsync(from, path);
        await RunAsync("mount", "-o", "remount,bind,ro", path);
        return disk;
    }

    public async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", Path);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var run = await ProgramRun.RunAsync(new Dictionary<string, string?>(), program, arguments);
        Assert.True(
            run.ExitCode == 0, $"{program} {string.Join(' ', arguments)} failed: it needs root\n{run.Error}");
    }
}
