using ChunkOta.Durable;
using ChunkOta.Tests.Faults.Rig;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Faults;

/// <summary>The clock jumps in the middle of a run: nothing breaks, and once it is right again, the next run
/// succeeds.</summary>
[Trait("Category", "Random")]
public sealed class ClockJumpTests(FastDisk disk)
{
    private const int Jumps = 40;

    private static readonly TimeSpan[] Lengths =
        [TimeSpan.FromDays(-365 * 56), TimeSpan.FromDays(3650), TimeSpan.FromHours(-1), TimeSpan.FromHours(1)];

    [Fact]
    public async Task The_clock_may_jump_at_any_step()
    {
        var tally = new FaultTally("clock_jumps");
        var random = Rounds.Random(38);
        using var world = new FaultWorld(disk.NewFolder(), random.Next());
        var bench = new FaultBench(world);
        foreach (var operation in FaultOperation.All)
        {
            var prepared = await bench.PrepareAsync(operation);
            for (var i = 0; i < Rounds.Of(Jumps) / FaultOperation.All.Count; i++)
            {
                var device = bench.Ready(prepared);
                var right = device.Clock.Now;
                var jump = Lengths[random.Next(Lengths.Length)];
                var step = random.Next(1, prepared.Steps + 1);
                var fault = new FaultAt(device.Folder, step, new FaultKind(FaultMode.None))
                {
                    Striking = () => device.Clock.Now = right + jump,
                };
                var isDone = await bench.RunAsync(operation, device, fault);
                device.Clock.Now = right;
                var broken = await bench.FindBrokenAsync(prepared, device, isDone);
                tally.Add($"{operation.Name}, step {step}, {jump}", broken);
            }
        }
        tally.End();
    }
}
