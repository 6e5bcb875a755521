using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Planning;

public sealed class PlanExplanationTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_dry_run_says_what_each_file_costs_and_why()
    {
        var (from, to) = await UpgradableAsync();
        _rig.Source.Costs.Add(new FileCost
        {
            Path = "lib/b",
            Bytes = 123,
            Cause = ChangeCause.Rebuilt,
            Evidence = "900 places",
            Hint = "build it alike",
        });
        (Digest From, Digest To)? asked = null;
        _rig.Source.BeforeExplaining = (held, wanted) => asked = (held, wanted);

        var plan = await _rig.UpdateAsync(isDryRun: true);

        Assert.Equal((from.Contents.Digest, to.Contents.Digest), asked);
        Assert.Equal(["lib/a", "lib/b"], plan.Steps!.Select(step => step.Path));
        Assert.Null(plan.Steps![0].Cause);
        Assert.Equal(new StepCause(123, "rebuilt", "900 places", "build it alike"), plan.Steps[1].Cause);
    }

    [Fact]
    public async Task A_plan_stands_without_its_reasons()
    {
        await UpgradableAsync();
        _rig.Source.BeforeExplaining = (_, _) => throw new ChunkOtaException(ErrorCodes.ReleaseUnknown, "who is that?");

        var plan = await _rig.UpdateAsync(isDryRun: true);

        Assert.All(plan.Steps!, step => Assert.Null(step.Cause));
        Assert.Equal(2, plan.Steps!.Count);
    }

    [Fact]
    public async Task Reasons_without_end_are_not_waited_for()
    {
        await UpgradableAsync();
        for (var i = 0; i < 1000; i++)
            _rig.Source.Costs.Add(new FileCost { Path = "lib/a", Evidence = new string('x', 10_000) });

        var plan = await _rig.UpdateAsync(isDryRun: true);

        Assert.All(plan.Steps!, step => Assert.Null(step.Cause));
    }

    [Fact]
    public async Task The_kinds_sum_up_where_the_tree_comes_from()
    {
        await UpgradableAsync();

        var plan = await _rig.UpdateAsync(isDryRun: true);

        Assert.Equal(
            [(FileAction.Keep, 1, 4, 0), (FileAction.Chunks, 2, 11, 11)],
            plan.Kinds!.Select(kind => (kind.Action, kind.Entries, kind.SizeBytes, kind.FetchBytes)));
    }

    private async Task<(TestRelease From, TestRelease To)> UpgradableAsync()
    {
        var from = new TestRelease("1.0.0", 1).File("kept", "kept").File("lib/a", "old a").File("lib/b", "old b");
        var to = new TestRelease("1.1.0", 2).File("kept", "kept").File("lib/a", "new a").File("lib/b", "newest");
        _rig.Source.Publish(from, 1);
        await _rig.UpdateAsync();
        _rig.Source.Publish(to, 2);
        return (from, to);
    }
}
