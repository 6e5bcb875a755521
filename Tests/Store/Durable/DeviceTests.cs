using System.Diagnostics;
using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Durable;

/// <summary>Block devices, and files that stand for them. Needs root, as CI is.</summary>
public sealed class DeviceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_has_the_length_that_is_in_use()
    {
        File.WriteAllBytes(_folder["slot"], new byte[10_000]);
        File.CreateSymbolicLink(_folder["link"], "slot");

        using var device = DurableFile.OpenDevice(_folder["link"], isWritable: true, 4_000);

        Assert.Equal(4_000, device.Length);
        device.WriteAt(3_999, [7]);
        device.Sync();
        device.DropCache();
        Assert.Equal(7, File.ReadAllBytes(_folder["slot"])[3_999]);
    }

    [Fact]
    public void A_file_that_is_too_short_or_a_folder_is_refused()
    {
        File.WriteAllBytes(_folder["slot"], new byte[10]);

        Assert.Throws<FileSystemException>(() => DurableFile.OpenDevice(_folder["slot"], false, 11));
        Assert.Throws<FileSystemException>(() => DurableFile.OpenDevice(_folder.Path, false));
    }

    [Fact]
    public void A_block_device_is_written_and_read_back_unless_it_is_mounted()
    {
        File.WriteAllBytes(_folder["disk"], new byte[4 << 20]);
        Run("mkfs.ext4", "-q", _folder["disk"]);
        var loop = Run("losetup", "--find", "--show", _folder["disk"]).Trim();
        try
        {
            using (var device = DurableFile.OpenDevice(loop, isWritable: true))
            {
                Assert.Equal(4 << 20, device.Length);
                device.WriteAt(3 << 20, [1, 2, 3]);
                device.Sync();
                device.DropCache();
                var read = new byte[3];
                Assert.Equal(3, device.ReadAt(3 << 20, read));
                Assert.Equal<byte>([1, 2, 3], read);
            }
            Directory.CreateDirectory(_folder["mounted"]);
            Run("mount", "-o", "ro", loop, _folder["mounted"]);
            var failure = Assert.Throws<FileSystemException>(() => DurableFile.OpenDevice(loop, isWritable: true));
            Assert.Equal(FileProblem.Busy, failure.Problem);
            DurableFile.OpenDevice(loop, isWritable: false).Dispose();
            Run("umount", _folder["mounted"]);
        }
        finally
        {
            Run("losetup", "--detach", loop);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} failed: it needs root");
        return output;
    }
}
