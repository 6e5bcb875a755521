using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Activation;

/// <summary>The disk fails at the first, second, … last step of a run: the old release or the new one runs, whole,
/// and the next run succeeds.</summary>
public sealed class FaultLoopTests
{
    [Theory]
    [InlineData("eio")]
    [InlineData("enospc;sticky")]
    public async Task An_upgrade_that_fails_at_any_step_leaves_old_or_new_and_heals(string mode)
    {
        var steps = await LoopAsync(
            mode,
            prepare: async rig =>
            {
                rig.Source.Publish(First(), 1);
                await rig.UpdateAsync();
                rig.Source.Publish(Second(), 2);
            },
            act: async rig => await rig.UpdateAsync(),
            before: First(),
            after: Second());

        Assert.InRange(steps, 30, 500);
    }

    [Fact]
    public async Task A_first_install_that_fails_at_any_step_leaves_nothing_or_all_and_heals()
    {
        var steps = await LoopAsync(
            "eio",
            prepare: rig =>
            {
                rig.Source.Publish(Second(), 1);
                return Task.CompletedTask;
            },
            act: async rig => await rig.UpdateAsync(),
            before: null,
            after: Second());

        Assert.InRange(steps, 30, 500);
    }

    [Fact]
    public async Task A_revert_that_fails_at_any_step_leaves_one_of_the_two_and_heals()
    {
        var steps = await LoopAsync(
            "eio",
            prepare: async rig =>
            {
                rig.Source.Publish(First(), 1);
                await rig.UpdateAsync();
                rig.Source.Publish(Second(), 2);
                await rig.UpdateAsync();
            },
            act: rig =>
            {
                if (rig.Activation.FindCurrent() == "1.1.0")
                    rig.Installed.Revert("editor");
                return Task.CompletedTask;
            },
            before: Second(),
            after: First());

        Assert.InRange(steps, 10, 100);
    }

    [Fact]
    public async Task A_prune_that_fails_at_any_step_harms_neither_current_nor_previous()
    {
        for (var step = 1; ; step++)
        {
            using var rig = new AgentRig();
            foreach (var (release, seq) in new[] { (First(), 1ul), (Second(), 2ul), (Third(), 3ul) })
            {
                rig.Source.Publish(release, seq);
                await rig.UpdateAsync();
            }
            bool hasFailed;
            using (var fault = FaultPoint.Arm($"mode=eio;at={step};path={rig.Folder}"))
            {
                try
                {
                    rig.Installed.Prune("editor", 2, isDryRun: false);
                }
                catch (FileSystemException e)
                {
                    Assert.Contains(e.Code, new[] { ErrorCodes.IoError, ErrorCodes.DiskFull });
                }
                hasFailed = fault.HasStruck;
            }

            rig.AssertCurrent(Third());
            rig.Installed.Prune("editor", 2, isDryRun: false);
            Assert.Equal(["1.1.0", "1.2.0"], rig.InstalledVersions);
            Assert.Empty(Directory.GetFileSystemEntries(rig.Product.Staging));
            rig.Installed.Revert("editor");
            rig.AssertCurrent(Second());
            if (!hasFailed)
            {
                Assert.InRange(step, 8, 60);
                return;
            }
        }
    }

    private static async Task<int> LoopAsync(
        string mode, Func<AgentRig, Task> prepare, Func<AgentRig, Task> act, TestRelease? before, TestRelease after)
    {
        for (var step = 1; ; step++)
        {
            using var rig = new AgentRig();
            await prepare(rig);
            bool hasFailed;
            using (var fault = FaultPoint.Arm($"mode={mode};at={step};path={rig.Folder}"))
            {
                try
                {
                    await act(rig);
                }
                catch (FileSystemException e)
                {
                    Assert.Contains(e.Code, new[] { ErrorCodes.IoError, ErrorCodes.DiskFull });
                }
                hasFailed = fault.HasStruck;
            }
            if (rig.Activation.FindCurrent() is { } current)
                AssertWhole(rig, current == after.Manifest.Version ? after : before!);
            else
                Assert.Null(before);

            await act(rig);

            rig.AssertCurrent(after);
            if (!hasFailed)
                return step;
        }
    }

    /// <summary>What runs is one of the two, byte by byte, whatever the record says of it.</summary>
    private static void AssertWhole(AgentRig rig, TestRelease release)
    {
        Assert.Equal(release.Manifest.Version, rig.Activation.FindCurrent());
        foreach (var (path, content) in release.Files)
            Assert.Equal(content, File.ReadAllBytes(Path.Combine(rig.Current, path)));
    }

    private static TestRelease First() => new TestRelease("1.0.0", 1)
        .File("large", TestRelease.Random(1, 12_000)).File("same", "as ever").Link("link", "same");

    private static TestRelease Second() => new TestRelease("1.1.0", 2)
        .File("large", TestRelease.Random(2, 12_000)).File("same", "as ever").File("sub/new", "new")
        .Link("link", "sub/new");

    private static TestRelease Third() => new TestRelease("1.2.0", 3)
        .File("large", TestRelease.Random(3, 12_000)).File("same", "as ever");
}
