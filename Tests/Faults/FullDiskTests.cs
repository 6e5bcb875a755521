using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Faults.Disk;
using ChunkOta.Tests.Faults.Rig;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Faults;

/// <summary>A disk with any number of bytes or inodes too few: what is installed runs on, and once there is room, the
/// next run succeeds.</summary>
[Trait("Category", "Random")]
public sealed class FullDiskTests(FastDisk disk)
{
    private const long RoomyBytes = 64 * 1_048_576;
    private const int RoomyInodes = 10_000;
    private const int Page = 4096;

    /// <summary>One of so many sizes is tried, and all of them in a release gate.</summary>
    private const int OneIn = 10;

    [Fact]
    public async Task A_disk_may_lack_any_number_of_bytes()
    {
        var random = Rounds.Random(42);
        var stride = Math.Max(1, OneIn / Rounds.Of(1));
        await ForEachOperationAsync(async (bench, prepared, root, tally) =>
        {
            // A size of nothing is no limit at all.
            for (var pages = random.Next(stride); ; pages += stride)
            {
                var device = Write(bench, prepared, root);
                var used = RoomyBytes - Fs.FreeBytes(root);
                var isDone = await TryAsync(bench, prepared, device, $"size={Math.Max(used, Page) + (pages * Page)}");
                var broken = await bench.FindBrokenAsync(prepared, device, isDone);
                tally.Add($"{prepared.Operation.Name}, {pages} free pages", broken);
                if (isDone)
                    return;
            }
        });
    }

    [Fact]
    public async Task A_disk_may_lack_any_number_of_inodes()
    {
        await ForEachOperationAsync(async (bench, prepared, root, tally) =>
        {
            for (var inodes = 0; ; inodes++)
            {
                var device = Write(bench, prepared, root);
                var used = DiskImage.PathsBelow(root).Count() + 1;
                var isDone = await TryAsync(bench, prepared, device, $"nr_inodes={used + inodes}");
                var broken = await bench.FindBrokenAsync(prepared, device, isDone);
                tally.Add($"{prepared.Operation.Name}, {inodes} free inodes", broken);
                if (isDone)
                    return;
            }
        });
    }

    private async Task ForEachOperationAsync(Func<FaultBench, PreparedOperation, string, FaultTally, Task> act)
    {
        var tally = new FaultTally("full_disks");
        var random = Rounds.Random(35);
        using var world = new FaultWorld(disk.NewFolder(), random.Next());
        var bench = new FaultBench(world);
        var root = Directory.CreateDirectory(disk.NewFolder()).FullName;
        Kernel.Mount("chunkota-test", root, "tmpfs", Roomy);
        try
        {
            foreach (var operation in FaultOperation.All)
                await act(bench, await bench.PrepareAsync(operation), root, tally);
        }
        finally
        {
            Kernel.TryUnmount(root);
        }
        tally.End();
    }

    private static string Roomy => $"size={RoomyBytes},nr_inodes={RoomyInodes}";

    private static AgentRig Write(FaultBench bench, PreparedOperation prepared, string root)
    {
        var folder = Path.Combine(root, $"device-{Guid.NewGuid():N}");
        prepared.Image.WriteTo(folder);
        return bench.World.DeviceIn(folder);
    }

    /// <summary>Runs the operation on the small disk, and makes it large again.</summary>
    private static async Task<bool> TryAsync(
        FaultBench bench, PreparedOperation prepared, AgentRig device, string options)
    {
        var root = Path.GetDirectoryName(device.Folder)!;
        Assert.True(Kernel.TryRemount(root, options), options);
        var isDone = await bench.RunAsync(
            prepared.Operation, device, new FaultAt(device.Folder, int.MaxValue, new FaultKind(FaultMode.None)));
        Assert.True(Kernel.TryRemount(root, Roomy));
        return isDone;
    }
}
