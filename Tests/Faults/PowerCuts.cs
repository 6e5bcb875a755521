using ChunkOta.Durable;
using ChunkOta.Tests.Faults.Disk;
using ChunkOta.Tests.Faults.Rig;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Faults;

/// <summary>The power fails at any step, on a real file system that forgets what it has not written.</summary>
/// <param name="disk">Where the images are.</param>
/// <param name="type">The file system.</param>
/// <param name="options">Its mount options.</param>
/// <param name="seed">What distinguishes it from the other file systems.</param>
public abstract class PowerCuts(FastDisk disk, string type, string options, int seed)
{
    private const int Cuts = 50;
    private const int CutsOfWorld = 120;
    private const int OneInCompound = 5;

    /// <summary>1: the journal is written and the data not; 2: nothing is written any more.</summary>
    private static readonly uint[] Flags = [1, 2];

    [Fact]
    public async Task The_power_may_fail_at_any_step()
    {
        var random = Rounds.Random(seed);
        var (cuts, compounds) = (new FaultTally("power_cuts"), new FaultTally("compound_faults"));
        await using var loop = await LoopDisk.MakeAsync(disk.NewFolder(), type, options);
        while (cuts.Count < Rounds.Of(Cuts))
        {
            using var world = new FaultWorld(disk.NewFolder(), random.Next());
            var bench = new FaultBench(world);
            foreach (var (prepared, step) in await PointsAsync(bench, random))
            {
                if (cuts.Count >= Rounds.Of(Cuts))
                    break;
                var flag = Flags[random.Next(2)];
                var name = $"{type}, {prepared.Operation.Name}, step {step} of {prepared.Steps}, flag {flag}";
                var folder = Begin(loop, prepared);
                var isDone = await CutAsync(bench, loop, prepared, folder, (step, flag));
                var isRecorded = isDone;
                var isCompound = random.Next(OneInCompound) == 0;
                if (isCompound)
                    isDone |= await CutAsync(bench, loop, prepared, folder, (random.Next(1, prepared.Steps), flag));
                var broken = await bench.FindBrokenAsync(
                    prepared, world.DeviceIn(folder), isDone, isRecorded: isRecorded && !isCompound);
                (isCompound ? compounds : cuts).Add(name, broken);
            }
        }
        FaultFigures.Add(("power_cuts", compounds.Count));
        compounds.End();
        cuts.End();
    }

    [Fact]
    public async Task A_disk_that_lies_about_its_barriers_is_found_out()
    {
        var tally = new FaultTally("");
        await using var loop = await LoopDisk.MakeAsync(disk.NewFolder(), type, options);
        using var world = new FaultWorld(disk.NewFolder(), seed);
        var bench = new FaultBench(world);
        foreach (var operation in FaultOperation.All)
        {
            var prepared = await bench.PrepareAsync(operation);
            foreach (var flag in Flags)
            {
                var folder = Begin(loop, prepared);
                bool isDone;
                using (FaultPoint.Arm(new FaultAt(folder, 1, FaultKind.Lying)))
                    isDone = await CutAsync(bench, loop, prepared, folder, (prepared.Steps + 1, flag));
                tally.Add(operation.Name, await bench.FindBrokenAsync(prepared, world.DeviceIn(folder), isDone));
            }
        }

        Assert.InRange(tally.Broken, 1, tally.Count);
    }

    /// <summary>Steps of all operations, and the moment after the last one, in any order.</summary>
    private static async Task<IEnumerable<(PreparedOperation Prepared, int Step)>> PointsAsync(
        FaultBench bench, Random random)
    {
        var points = new List<(PreparedOperation, int)>();
        foreach (var operation in FaultOperation.All)
        {
            var prepared = await bench.PrepareAsync(operation);
            points.AddRange(Enumerable.Range(1, prepared.Steps + 1).Select(step => (prepared, step)));
        }
        var drawn = points.ToArray();
        random.Shuffle(drawn);
        return drawn.Take(CutsOfWorld);
    }

    /// <summary>Writes a device to the disk, whole.</summary>
    private static string Begin(LoopDisk loop, PreparedOperation prepared)
    {
        var folder = Path.Combine(loop.Path, $"device-{Guid.NewGuid():N}");
        prepared.Image.WriteTo(folder);
        Kernel.SyncFileSystem(loop.Path);
        return folder;
    }

    /// <summary>Runs an operation until the power fails, and starts the machine again.</summary>
    /// <returns>True when it had succeeded before.</returns>
    private static async Task<bool> CutAsync(
        FaultBench bench, LoopDisk loop, PreparedOperation prepared, string folder, (int Step, uint Flag) at)
    {
        var fault = new FaultAt(folder, at.Step, new FaultKind(FaultMode.Kill))
        {
            Striking = () => Kernel.ShutDown(loop.Path, at.Flag),
        };
        var isDone = await bench.RunAsync(prepared.Operation, bench.World.DeviceIn(folder), fault);
        if (!fault.HasStruck)
            Kernel.ShutDown(loop.Path, at.Flag);
        loop.Remount();
        return isDone;
    }
}

/// <summary>XFS, which writes names long before data.</summary>
[Trait("Category", "Random")]
public sealed class XfsPowerCutTests(FastDisk disk) : PowerCuts(disk, "xfs", "", 33);

/// <summary>ext4 without the heuristics that hide a missing sync.</summary>
[Trait("Category", "Random")]
public sealed class Ext4PowerCutTests(FastDisk disk) : PowerCuts(disk, "ext4", "noauto_da_alloc", 34);
