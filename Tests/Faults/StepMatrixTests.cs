using ChunkOta.Durable;
using ChunkOta.Tests.Faults.Disk;
using ChunkOta.Tests.Faults.Rig;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Faults;

/// <summary>A run that ends, or a disk that fails, at any step of any operation: the old release or the new one runs,
/// whole, and the next run ends in the new one.</summary>
/// <remarks>An ordinary run draws a tenth of what a release gate does, by another seed.</remarks>
[Trait("Category", "Random")]
public sealed class StepMatrixTests(FastDisk disk) : IDisposable
{
    private const int Kills = 300;
    private const int Errors = 400;
    private const int Compounds = 40;

    private readonly Random _random = Rounds.Random(31);
    private readonly List<FaultWorld> _worlds = [];

    public void Dispose() => _worlds.ForEach(world => world.Dispose());

    [Fact]
    public async Task A_run_may_end_at_any_step()
    {
        var tally = new FaultTally("kill_points");
        await ForEachPointAsync(Rounds.Of(Kills), FaultKind.Kills, async (bench, prepared, step, kind) =>
        {
            var device = bench.Ready(prepared);
            // Half of them as a SIGKILL: what was written is there. Half as a power cut: what was not synced is lost.
            var recorder = _random.Next(2) == 0 ? new DiskRecorder(device.Folder) : null;
            var fault = new FaultAt(device.Folder, step, kind, recorder);
            var isDone = await bench.RunAsync(prepared.Operation, device, fault);
            if (!fault.HasStruck)
                return;
            if (recorder is not null)
            {
                FaultBench.Delete(device);
                device = bench.Materialise(new CrashStates(recorder).Least(recorder.Events.Count));
            }
            var broken = await bench.FindBrokenAsync(prepared, device, isDone);
            tally.Add(NameOf(prepared, step, kind, recorder is not null), broken);
        });
        tally.End();
    }

    [Fact]
    public async Task A_disk_may_fail_at_any_step()
    {
        var tally = new FaultTally("disk_errors");
        await ForEachPointAsync(Rounds.Of(Errors), FaultKind.Errors, async (bench, prepared, step, kind) =>
        {
            var device = bench.Ready(prepared);
            var fault = new FaultAt(device.Folder, step, kind);
            var isDone = await bench.RunAsync(prepared.Operation, device, fault);
            var broken = await bench.FindBrokenAsync(prepared, device, isDone);
            tally.Add(NameOf(prepared, step, kind, isCut: false), broken);
        });
        tally.End();
    }

    [Fact]
    public async Task A_second_fault_may_strike_the_recovery_from_the_first()
    {
        var tally = new FaultTally("compound_faults");
        await ForEachPointAsync(Rounds.Of(Compounds), FaultKind.Kills, async (bench, prepared, step, kind) =>
        {
            var device = bench.Ready(prepared);
            await bench.RunAsync(prepared.Operation, device, new FaultAt(device.Folder, step, kind));
            var second = _random.Next(2) == 0 ? Pick(FaultKind.Kills) : Pick(FaultKind.Errors);
            var fault = new FaultAt(device.Folder, _random.Next(1, prepared.Steps / 2), second);
            var isDone = await bench.RunAsync(prepared.Operation, device, fault);
            var broken = await bench.FindBrokenAsync(prepared, device, isDone);
            if (fault.HasStruck)
                tally.Add($"{NameOf(prepared, step, kind, isCut: false)}, then {second}", broken);
        });
        tally.End();
    }

    private static string NameOf(PreparedOperation prepared, int step, FaultKind kind, bool isCut)
    {
        var (operation, path) = prepared.Recording.Steps[step - 1];
        var how = isCut ? "cut" : "ended";
        return $"{prepared.Operation.Name}, step {step} ({operation} {Path.GetFileName(path)}), {kind}, {how}";
    }

    private FaultKind Pick(IReadOnlyList<FaultKind> kinds) => kinds[_random.Next(kinds.Count)];

    /// <summary>Draws points without repetition, over as many worlds as it takes.</summary>
    private async Task ForEachPointAsync(
        int count,
        IReadOnlyList<FaultKind> kinds,
        Func<FaultBench, PreparedOperation, int, FaultKind, Task> act)
    {
        while (count > 0)
        {
            var world = new FaultWorld(disk.NewFolder(), _random.Next());
            _worlds.Add(world);
            var bench = new FaultBench(world);
            var points = new List<(PreparedOperation Prepared, int Step, FaultKind Kind)>();
            foreach (var operation in FaultOperation.All)
            {
                var prepared = await bench.PrepareAsync(operation);
                points.AddRange(
                    from step in Enumerable.Range(1, prepared.Steps)
                    from kind in kinds
                    where kind.Mode != FaultMode.Torn || prepared.IsWrite(step)
                    select (prepared, step, kind));
            }
            var drawn = points.ToArray();
            _random.Shuffle(drawn);
            foreach (var (prepared, step, kind) in drawn.Take(count))
                await act(bench, prepared, step, kind);
            count -= Math.Min(count, drawn.Length);
        }
    }
}
