using ChunkOta.Tests.Faults.Disk;
using ChunkOta.Tests.Faults.Rig;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Faults;

/// <summary>Every state that a crash may leave on the disk, by what barriers promise: the next run makes a whole
/// install of each.</summary>
[Trait("Category", "Random")]
public sealed class CrashStateTests(FastDisk disk)
{
    private const int States = 5_000;

    [Fact]
    public async Task The_next_run_recovers_from_every_state_that_a_crash_may_leave()
    {
        var tally = new FaultTally("crash_states");
        await ExploreAsync(Rounds.Of(States), isLying: false, tally);
        tally.End();
    }

    [Fact]
    public async Task A_disk_that_lies_about_its_barriers_is_found_out()
    {
        var tally = new FaultTally("");
        await ExploreAsync(300, isLying: true, tally);

        Assert.InRange(tally.Broken, 1, tally.Count);
    }

    /// <summary>Looks at different states, each once, of all operations alike.</summary>
    private async Task ExploreAsync(int count, bool isLying, FaultTally tally)
    {
        var random = Rounds.Random(32);
        var seen = new HashSet<string>();
        while (tally.Count < count)
        {
            using var world = new FaultWorld(disk.NewFolder(), random.Next());
            var bench = new FaultBench(world);
            foreach (var operation in FaultOperation.All)
            {
                var prepared = await bench.PrepareAsync(operation);
                var states = new CrashStates(prepared.Recording, isLying).All(draws: 12, random).ToArray();
                random.Shuffle(states);
                var left = (count / FaultOperation.All.Count / 2) + 1;
                foreach (var state in states)
                {
                    if (left == 0 || tally.Count >= count)
                        break;
                    var image = state.Build();
                    if (!seen.Add($"{operation.Name} {state.IsAcknowledged} {image.Hash}"))
                        continue;
                    left--;
                    var broken = await bench.FindBrokenAsync(
                        prepared,
                        bench.Materialise(image),
                        state.IsAcknowledged,
                        goesOn: left % 8 == 0,
                        isRecorded: state.IsAcknowledged);
                    tally.Add($"{operation.Name}, acknowledged {state.IsAcknowledged}", broken);
                }
            }
        }
    }
}
