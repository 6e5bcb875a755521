using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Faults.Disk;

/// <summary>A real file system on a loop device, whose power a test cuts. Needs root, as CI is; it fails, not skips,
/// without.</summary>
internal sealed class LoopDisk : IAsyncDisposable
{
    private const long Megabytes = 320;
    private const int MostTries = 100;

    private readonly string _type;
    private readonly string _options;
    private string _device = "";

    private LoopDisk(string folder, string type, string options)
    {
        (_type, _options) = (type, options);
        Path = System.IO.Path.Combine(folder, "disk");
        Image = System.IO.Path.Combine(folder, "image");
    }

    public string Path { get; }

    private string Image { get; }

    /// <summary>Makes one in an image.</summary>
    /// <param name="folder">A new folder for image and mount point, on a fast file system.</param>
    /// <param name="type"><c>xfs</c> or <c>ext4</c>.</param>
    /// <param name="options">The options of the mount.</param>
    public static async Task<LoopDisk> MakeAsync(string folder, string type, string options)
    {
        var disk = new LoopDisk(folder, type, options);
        Directory.CreateDirectory(disk.Path);
        using (var file = File.Create(disk.Image))
            file.SetLength(Megabytes * 1_048_576);
        var quiet = type == "xfs" ? "-q" : "-Fq";
        (await ProgramRun.RunAsync(NoEnvironment, $"mkfs.{type}", quiet, disk.Image)).Succeeded();
        var loop = await ProgramRun.RunAsync(NoEnvironment, "losetup", "--find", "--show", disk.Image);
        disk._device = loop.Succeeded().Out.Trim();
        Kernel.Mount(disk._device, disk.Path, type, options);
        return disk;
    }

    private static Dictionary<string, string?> NoEnvironment => [];

    /// <summary>Mounts it again, as a machine does that starts after a power cut.</summary>
    public void Remount()
    {
        Unmount();
        Kernel.Mount(_device, Path, _type, _options);
    }

    public async ValueTask DisposeAsync()
    {
        Unmount();
        (await ProgramRun.RunAsync(NoEnvironment, "losetup", "--detach", _device)).Succeeded();
        File.Delete(Image);
    }

    private void Unmount()
    {
        for (var i = 0; !Kernel.TryUnmount(Path); i++)
        {
            Assert.True(i < MostTries, $"something on {Path} is still open");
            // What a run that ended in the middle has opened is closed by its finalizer.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
