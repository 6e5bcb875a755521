using ChunkOta.Agent;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Planning;

public sealed class PlannerTests
{
    private static readonly byte[] Large = TestRelease.Random(1, 20_000);

    [Fact]
    public void Nothing_installed_means_that_every_distinct_chunk_is_fetched_once()
    {
        var release = new TestRelease("1.0.0", 1)
            .File("a", Large).File("b", Large).File("c", "small").File("empty", []).EmptyDirectory("d").Link("l", "a");

        var plan = PlanOf(release, null);

        Assert.Equal(Large.Length + 5, plan.FetchBytes);
        Assert.Equal(release.Chunks["a"].Count + 1, plan.FetchChunks);
        Assert.Equal(2 * Large.Length + 5, plan.TreeBytes);
        Assert.Equal(plan.TreeBytes - plan.FetchBytes, plan.ReusedBytes);
        Assert.Equal(plan.TreeBytes, plan.ChangedBytes);
        Assert.Equal(4, plan.Files);
        Assert.Equal(0, plan.KeptFiles);
    }

    [Fact]
    public void Unchanged_files_are_kept_moved_ones_copied_changed_ones_put_together()
    {
        var changed = Large.ToArray();
        changed[10_000] ^= 1;
        var old = new TestRelease("1.0.0", 1).File("same", "as ever").File("here", "to move").File("large", Large);
        var release = new TestRelease("1.1.0", 2)
            .File("same", "as ever").File("there", "to move").File("large", changed).File("new", "brand new");

        var plan = PlanOf(release, old);

        Assert.Equal(
            [("large", FileAction.Chunks), ("new", FileAction.Chunks), ("there", FileAction.Copy)],
            plan.Steps.Select(step => (step.Path, step.Action)));
        Assert.Equal(1, plan.KeptFiles);
        Assert.Equal(changed.Length + "brand new".Length + "to move".Length, plan.ChangedBytes);
        var differing = TestRelease.CutUp(changed).Except(TestRelease.CutUp(Large)).Sum(chunk => chunk.Length);
        Assert.InRange(differing, 1, 3 * TestRelease.Cut.Max);
        Assert.Equal(differing + "brand new".Length, plan.FetchBytes);
    }

    [Fact]
    public void What_is_staged_already_is_neither_fetched_nor_needs_more_disk()
    {
        var release = new TestRelease("1.0.0", 1).File("a", Large).File("b", "small");

        var plan = PlanOf(release, null, isStaged: _ => true);

        Assert.Equal(0, plan.FetchBytes);
        Assert.All(plan.Steps, step => Assert.Equal(FileAction.Staged, step.Action));
        Assert.True(plan.PeakDiskBytes < PlanOf(release, null).PeakDiskBytes);
    }

    [Fact]
    public void The_disk_set_aside_holds_the_whole_tree_in_blocks()
    {
        var release = new TestRelease("1.0.0", 1);
        for (var i = 0; i < 100; i++)
            release.File($"f{i}", $"tiny {i}");

        var plan = PlanOf(release, null);

        Assert.True(plan.PeakDiskBytes >= 100 * 4096);
    }

    [Fact]
    public void Files_that_can_be_shared_need_no_disk_of_their_own()
    {
        var old = new TestRelease("1.0.0", 1).File("same", Large).File("tool", Large, executable: false);
        var release = new TestRelease("1.1.0", 2).File("same", Large).File("tool", Large, executable: true);

        var copied = PlanOf(release, old).PeakDiskBytes;
        var linked = PlanOf(release, old, sharing: FileSharing.Names).PeakDiskBytes;
        var cloned = PlanOf(release, old, sharing: FileSharing.Blocks).PeakDiskBytes;

        // A file under two names has one mode: the one that becomes executable is copied.
        Assert.InRange(copied - linked, Large.Length, 2 * Large.Length);
        Assert.InRange(copied - cloned, 2 * Large.Length, copied);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Fetched_and_reused_bytes_always_make_the_tree(int seed)
    {
        var random = new Random(seed);
        var old = RandomRelease("1.0.0", 1, random);
        var release = RandomRelease("1.1.0", 2, random);

        var plan = PlanOf(release, old);

        Assert.Equal(plan.TreeBytes, plan.FetchBytes + plan.ReusedBytes);
        Assert.Equal(plan.FetchBytes, plan.Steps.Sum(step => step.FetchBytes));
        var kept = release.Files.Where(file => old.Files.TryGetValue(file.Key, out var held)
            && file.Value.Length > 0 && held.AsSpan().SequenceEqual(file.Value)).ToList();
        Assert.Equal(kept.Count, plan.KeptFiles);
        Assert.Equal(plan.TreeBytes - kept.Sum(file => file.Value.Length), plan.ChangedBytes);
        var held = old.Chunks.Values.SelectMany(chunks => chunks).ToHashSet();
        var lacking = release.Chunks.Values.SelectMany(chunks => chunks).Distinct()
            .Where(chunk => !held.Contains(chunk));
        Assert.Equal(lacking.Sum(chunk => (long)chunk.Length), plan.FetchBytes);
    }

    private static TestRelease RandomRelease(string version, ulong counter, Random random)
    {
        var release = new TestRelease(version, counter);
        for (var i = 0; i < 30; i++)
        {
            // Few seeds and few lengths: releases share files, parts of files, and contents under other names.
            if (random.Next(5) > 0)
                release.File($"f{i}", TestRelease.Random(random.Next(8), random.Next(6) * 3000));
        }
        return release;
    }

    /// <summary>Plans with all that a manifest and its recipes say of the old release.</summary>
    private static UpdatePlan PlanOf(
        TestRelease release,
        TestRelease? old,
        Func<int, bool>? isStaged = null,
        FileSharing sharing = FileSharing.None)
    {
        var target = release.Contents;
        var files = new LocalFiles(target, old is null ? null : (0, old.Contents));
        if (old is not null)
            files.Add(0, old.Contents);
        var choices = Planner.Choose(target, files, isStaged ?? (_ => false));
        var demand = new ChunkDemand();
        for (var i = 0; i < choices.Length; i++)
        {
            if (choices[i].Action == FileAction.Chunks)
                demand.Add(i, release.Chunks[target.Entries[i].Path], _ => false);
        }
        var chunks = new LocalChunks();
        foreach (var (path, list) in old?.Chunks ?? [])
            chunks.AddFile(0, path, list, demand);
        return Planner.Plan(
            new PlanBasis(target, old?.Manifest.Version, choices, null, sharing), files, demand, chunks);
    }
}
