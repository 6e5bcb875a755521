using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>The server is killed before each single change it makes to the disk, from its first start to a second
/// release: before one in five of them for every commit, and before all in a release gate.</summary>
public sealed class CrashMatrixTests
{
    /// <summary>Deltas are made beside the calls: with them, the steps would not be the same each time.</summary>
    private const string NoDeltas = "Deltas:Workers=0";

    private const int OneIn = 5;

    private static readonly Tree First = Tree.Of(("app", 861, 300_000), ("small", 862, 10));
    private static readonly Tree Second = Tree.Of(("app", 863, 300_000), ("small", 862, 10));

    [Fact]
    [Trait("Category", "Random")]
    [Trait("Category", "Slow")]
    public async Task Killed_at_any_step_the_server_starts_again_and_has_lost_nothing_that_it_acknowledged()
    {
        var steps = await CountStepsAsync();
        Assert.InRange(steps, 40, 200);

        var broken = new List<string>();
        var two = new ParallelOptions { MaxDegreeOfParallelism = 2 };
        await Parallel.ForEachAsync(Rounds.Some(steps, OneIn), two, async (step, _) =>
        {
            try
            {
                await KillAtAsync(step);
            }
            catch (Exception failure)
            {
                lock (broken) broken.Add($"step {step}: {failure}");
            }
        });

        Assert.Empty(broken);
    }

    private static async Task<int> CountStepsAsync()
    {
        using var folder = new TemporaryFolder();
        using var keys = new TestKeys();
        await using var server =
            await ServerProcess.StartFaultyAsync(folder["data"], $"mode=log;log={folder["steps"]}", NoDeltas);
        await PublishBothAsync(server, keys, []);
        return File.ReadAllLines(folder["steps"]).Length;
    }

    private static async Task KillAtAsync(int step)
    {
        using var folder = new TemporaryFolder();
        using var keys = new TestKeys();
        var acknowledged = new List<(CommitResponse Release, Tree Tree)>();
        try
        {
            await using var dying = await ServerProcess.StartFaultyAsync(
                folder["data"], $"mode=kill;at={step}", NoDeltas);
            await PublishBothAsync(dying, keys, acknowledged);
        }
        catch (Exception failure) when (failure is ChunkOtaException or InvalidOperationException)
        {
            // The server died, while it started or while it was asked: what matters is what the next one has.
        }

        await using var server = await ServerProcess.StartAsync(folder["data"]);
        await PublishBothAsync(server, keys, acknowledged);
        using var publisher = new TestPublisher(server.Connect(server.AdminToken), keys, "tool");
        using var device = new TestDevice();
        await device.EnrolAsync(server, await ServerFixture.CreateInstallTokenAsync(publisher));
        foreach (var (release, tree) in acknowledged)
        {
            var wants = tree.Files.Index()
                .Select(file => TestDevice.Run((uint)file.Index, 0, (uint)file.Item.Chunks.Count));
            var (chunks, _) = await device.FetchAsync(release.ManifestDigest, tree, [.. wants]);
            Assert.Equal(tree.Files.Sum(file => file.Chunks.Count), chunks.Count);
        }
    }

    /// <summary>What an honest publisher does, before and again after the crash.</summary>
    private static async Task PublishBothAsync(
        ServerProcess server, TestKeys keys, List<(CommitResponse Release, Tree Tree)> acknowledged)
    {
        using var connection = server.Connect(server.AdminToken);
        var publisher = new TestPublisher(connection, keys, "tool");
        await publisher.Administration.CreateProductAsync(
            new CreateProductRequest { Name = publisher.Product, Root = keys.Root });
        foreach (var (version, tree) in new[] { ("1.0.0", First), ("1.1.0", Second) })
        {
            var known = await publisher.Releases.ListReleasesAsync(
                new ListReleasesRequest { Product = publisher.Product, Version = version });
            if (known.Releases.Count == 0) acknowledged.Add((await publisher.PublishAsync(version, tree), tree));
        }
    }
}
