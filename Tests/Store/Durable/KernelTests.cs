using System.Diagnostics;
using System.Text.RegularExpressions;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable;

/// <summary>What the kernel is really asked and what it really answers, seen from outside by strace.</summary>
public sealed partial class KernelTests
{
    [FactIfInstalled("strace")]
    public async Task DUR_01_An_fsync_that_fails_in_the_kernel_is_an_error_and_leaves_no_file()
    {
        using var folder = new TemporaryFolder();

        var (exitCode, errors, _) = await TraceAsync("replace", folder.Path, "inject=fsync:error=EIO");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("error IO_ERROR: Sync of ", errors, StringComparison.Ordinal);
        Assert.Contains("(errno 5)", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [FactIfInstalled("strace")]
    public async Task DUR_01_An_fsync_of_a_full_disk_is_DISK_FULL()
    {
        using var folder = new TemporaryFolder();

        var (exitCode, errors, _) = await TraceAsync("replace", folder.Path, "inject=fsync:error=ENOSPC");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("error DISK_FULL: ", errors, StringComparison.Ordinal);
    }

    [FactIfInstalled("strace")]
    public async Task DUR_04_A_syncfs_that_fails_in_the_kernel_leaves_no_object()
    {
        using var folder = new TemporaryFolder();

        var (exitCode, errors, _) = await TraceAsync("objects", folder.Path, "inject=syncfs:error=EIO");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("error STORE_UNAVAILABLE: ", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [FactIfInstalled("strace")]
    public async Task DUR_02_03_A_file_is_synced_before_its_one_rename_and_the_directory_after()
    {
        using var folder = new TemporaryFolder();

        var (exitCode, _, log) = await TraceAsync(
            "replace", folder.Path, "trace=openat,pwrite64,fchmod,fsync,rename,renameat,renameat2");

        var ours = log.SkipWhile(line => !line.Contains(folder.Path, StringComparison.Ordinal))
            .Select(line => Call().Match(line).Value);
        Assert.Equal(0, exitCode);
        Assert.Equal(["openat", "fchmod", "pwrite64", "fsync", "rename", "openat", "fsync"], ours.Take(7));
        Assert.Single(ours, "rename");
    }

    private static async Task<(int ExitCode, string Errors, string[] Log)> TraceAsync(
        string scenario, string folder, string expression)
    {
        using var logs = new TemporaryFolder();
        var start = new ProcessStartInfo("strace")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "-f", "-qq", "-s", "300", "-e", expression, "-o", logs["log"],
                "dotnet", Path.Combine(AppContext.BaseDirectory, "ChunkOta.Tests.Store.dll"), "crash", scenario, folder,
            },
        };
        using var process = Process.Start(start)!;
        var promised = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(process.ExitCode == 0, (await promised).Length > 0);
        return (process.ExitCode, errors, await File.ReadAllLinesAsync(logs["log"]));
    }

    /// <summary>The name of the call in a line such as <c>1234  fsync(5) = 0</c>.</summary>
    [GeneratedRegex(@"(?<=^\d+ +)\w+")]
    private static partial Regex Call();
}
