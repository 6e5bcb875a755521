using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Destinations.Image;

/// <summary>The agent ends at the first, second, … last step that changes the disk, and changes nothing more: the
/// machine always starts from a slot that is signed, and the next runs reach the new release.</summary>
public sealed class SlotFaultTests
{
    private static readonly byte[] First = TestRelease.Random(1, 20_000);

    [Fact]
    public async Task An_upgrade_that_ends_at_any_step_leaves_a_slot_that_starts()
    {
        var steps = await LoopAsync(_ => Task.CompletedTask, slots => slots.Rig.UpdateAsync());

        Assert.InRange(steps, 30, 200);
    }

    [Fact]
    public async Task A_start_that_ends_at_any_step_leaves_a_slot_that_starts()
    {
        var steps = await LoopAsync(
            slots => slots.Rig.UpdateAsync(),
            slots =>
            {
                slots.Boot();
                return Task.CompletedTask;
            });

        Assert.InRange(steps, 8, 40);
    }

    [Fact]
    public async Task Keeping_an_image_that_ends_at_any_step_leaves_a_slot_that_starts()
    {
        var steps = await LoopAsync(
            async slots =>
            {
                await slots.Rig.UpdateAsync();
                slots.Boot();
            },
            slots => slots.Rig.UpdateAsync());

        Assert.InRange(steps, 10, 100);
    }

    [Fact]
    public async Task Going_back_that_ends_at_any_step_leaves_a_slot_that_starts()
    {
        for (var step = 1; ; step++)
        {
            using var slots = new SlotRig();
            await slots.RunAsync(Image("1.0.0", 1, First), 1);
            await slots.RunAsync(Image("1.1.0", 2, SlotRig.Changed(First, 9_000)), 2);
            var hasFailed = await HasFailedAsync(slots, step, () =>
            {
                slots.Rig.Installed.Revert("editor");
                return Task.CompletedTask;
            });

            slots.Boot();
            // Slot A holds 1.1.0: nothing has changed yet.
            if (slots.Bootloader.Read().First == SlotName.A)
                slots.Rig.Installed.Revert("editor");
            Assert.Equal("1.0.0", slots.Boot().Version);
            if (!hasFailed)
            {
                Assert.InRange(step, 8, 60);
                return;
            }
        }
    }

    private static TestRelease Image(string version, ulong counter, byte[] content) =>
        SlotRig.Image(version, counter, content);

    /// <summary>Ends an action at each of its steps; the first release runs, the second one is published.</summary>
    private static async Task<int> LoopAsync(Func<SlotRig, Task> prepare, Func<SlotRig, Task> act)
    {
        var second = Image("1.1.0", 2, SlotRig.Changed(First, 9_000));
        for (var step = 1; ; step++)
        {
            using var slots = new SlotRig();
            await slots.RunAsync(Image("1.0.0", 1, First), 1);
            slots.Rig.Source.Publish(second, 2);
            await prepare(slots);

            var hasFailed = await HasFailedAsync(slots, step, () => act(slots));

            // Boot verifies the image; a slot that is half written would be refused.
            var started = slots.Boot();
            Assert.Empty(started.Refused);
            await ReachAsync(slots, second);
            if (!hasFailed)
                return step;
        }
    }

    /// <summary>Upgrades and restarts as a device does day by day.</summary>
    private static async Task ReachAsync(SlotRig slots, TestRelease release)
    {
        for (var day = 0; day < 3; day++)
        {
            if ((await slots.Rig.UpdateAsync()).State == UpdateState.OnTrial)
                slots.Boot();
        }
        slots.AssertRuns(release);
        Assert.Null(slots.State.Trial);
    }

    private static async Task<bool> HasFailedAsync(SlotRig slots, int step, Func<Task> act)
    {
        using (FaultPoint.Arm($"mode=eio;sticky;at={step};path={slots.Rig.Folder}"))
        {
            try
            {
                await act();
            }
            catch (FileSystemException)
            {
                return true;
            }
            // A failure after the switch is a warning: whether there was one shows in what is recorded.
            return slots.State.Pending is not null;
        }
    }
}
