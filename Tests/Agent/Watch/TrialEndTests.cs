using ChunkOta.Agent;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Watch;

/// <summary>The moment at which <c>watch</c> looks at a release on trial again.</summary>
public sealed class TrialEndTests
{
    [Fact]
    public async Task A_trial_is_looked_at_when_its_time_is_up()
    {
        using var rig = new AgentRig();
        rig.Policy = new ProductPolicy { Health = new HealthPolicy { NeedsConfirmation = true } };
        rig.Source.Publish(new TestRelease("1.0.0", 1).File("app", "one"), 1);
        await rig.UpdateAsync();

        Assert.InRange(rig.Installed.FindTrialTimeLeft("editor")!.Value.TotalSeconds, 1, 600);
        await rig.Installed.ConfirmAsync("editor");
        Assert.Null(rig.Installed.FindTrialTimeLeft("editor"));
    }

    [Fact]
    public async Task A_trial_that_begins_with_a_restart_has_no_end_before_that()
    {
        using var slots = new SlotRig();
        slots.Health = new HealthPolicy { NeedsConfirmation = true };
        slots.Rig.Source.Publish(SlotRig.Image("1.0.0", 1, TestRelease.Random(1, 30_000)), 1);
        await slots.Rig.UpdateAsync();

        Assert.Null(slots.Rig.Installed.FindTrialTimeLeft("editor"));
        slots.Boot();
        Assert.NotNull(slots.Rig.Installed.FindTrialTimeLeft("editor"));
    }
}
