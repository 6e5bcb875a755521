using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Crashes;

/// <summary>A real process, killed at every step of the store; what it had promised must be there, and nothing
/// half.</summary>
/// <remarks>For every commit at some of the steps, and in a release gate at all of them.</remarks>
public sealed class StoreCrashTests
{
    [Fact]
    public Task S_05_An_object_is_whole_or_absent_wherever_the_process_dies() => PutSurvives("object", 1, oneIn: 1);

    [Fact]
    [Trait("Category", "Slow")]
    public Task S_05_Each_of_many_objects_is_whole_or_absent_wherever_the_process_dies() =>
        PutSurvives("objects", 17, oneIn: 4);

    [Fact]
    [Trait("Category", "Slow")]
    public async Task S_05_A_visible_release_has_all_it_needs_wherever_the_process_dies()
    {
        foreach (var death in Rounds.Some(await CrashProcess.DeathsAsync("publish"), 4))
        {
            using var folder = new TemporaryFolder();

            var outcome = await CrashProcess.RunAsync("publish", folder.Path, death);

            Assert.True(outcome.IsKilled, death);
            await CheckAsync(folder.Path, outcome.Acked.Count, death);
            // The next honest run goes on where this one stopped; what is there already is taken as it is.
            var next = await CrashProcess.RunAsync("publish", folder.Path, "mode=log");
            Assert.Equal(["1", "2"], next.Acked);
            await CheckAsync(folder.Path, 2, death);
        }
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task S_05_A_collection_loses_nothing_wherever_the_process_dies_and_the_next_one_goes_on()
    {
        // Fewer: a publish has tests of its own.
        foreach (var death in Rounds.Some(await CrashProcess.DeathsAsync("collect"), 20))
        {
            using var folder = new TemporaryFolder();

            var outcome = await CrashProcess.RunAsync("collect", folder.Path, death);

            Assert.True(outcome.IsKilled, death);
            await CollectScenario.CheckAsync(folder.Path, outcome.Acked);
            var next = await CrashProcess.RunAsync("collect", folder.Path, "mode=log");
            Assert.Equal(["published", "deleted", "collected"], next.Acked);
            await CollectScenario.CheckAsync(folder.Path, ["published", "deleted"]);
            // What its publishes may have found stays until they have ended, and goes in the collection after it.
            var last = await CrashProcess.RunAsync("collect", folder.Path, "mode=log");
            await CollectScenario.CheckAsync(folder.Path, last.Acked);
        }
    }

    [FactIfInstalled("strace")]
    [Trait("Category", "Slow")]
    public async Task S_05_A_visible_release_has_all_it_needs_whichever_write_of_the_catalogue_is_the_last()
    {
        var deaths = 0;
        // The catalogue makes hundreds of calls, alike in groups.
        foreach (var call in Rounds.Some(1000, 15))
        {
            using var folder = new TemporaryFolder();

            var outcome = await CrashProcess.RunTracedAsync("publish", folder.Path, call);

            await CheckAsync(folder.Path, outcome.Acked.Count, $"call {call}");
            if (!outcome.IsKilled)
                break;
            deaths++;
        }

        Assert.InRange(deaths, 5, 500);
    }

    private static async Task PutSurvives(string scenario, int count, int oneIn)
    {
        foreach (var death in Rounds.Some(await CrashProcess.DeathsAsync(scenario), oneIn))
        {
            using var folder = new TemporaryFolder();

            var outcome = await CrashProcess.RunAsync(scenario, folder.Path, death);

            Assert.True(outcome.IsKilled, death);
            var store = FileObjectStore.Open(folder.Path);
            for (var i = 0; i < count; i++)
            {
                var (name, content) = CrashScenarios.Object(i);
                var length = await store.FindLengthAsync(name);
                Assert.True(length == content.Length || (length is null && outcome.Acked.Count == 0), death);
                if (length is not null)
                    await AssertHolds(store, name, content.ToArray());
            }
            Assert.Empty(Fs.FindNames(folder["tmp"])!);
            await store.PutManyAsync([.. Enumerable.Range(0, count).Select(CrashScenarios.Object)]);
        }
    }

    /// <summary>The store's invariants: promised is visible, visible is complete, an index row has its pack.</summary>
    private static async Task CheckAsync(string folder, int acked, string death)
    {
        using var data = DataFolder.Open(folder);
        var store = FileObjectStore.Open(data.ObjectsPath);
        await using var catalogue = SqliteCatalogue.Open(data.CataloguePath, TimeProvider.System);
        for (var number = 1; number <= 2; number++)
        {
            var release = CrashScenarios.Release(number);
            var visible = await catalogue.Releases.FindReleaseAsync(release.Manifest);
            Assert.True(visible is not null || number > acked, $"{death}: release {number} was promised and is lost");
            var location = new ChunkLocation[1];
            await catalogue.Chunks.FindAsync(new[] { release.Chunks.First().Hash }, location);
            if (location[0].IsKnown)
            {
                var pack = await PackReader.ReadContentsAsync(store, location[0].Frame.Pack);
                var frame = new byte[location[0].Frame.StoredBytes];
                await PackReader.ReadFrameAsync(store, location[0].Frame, frame);
                Assert.Equal(pack.Frames[0].Chunks[0].Hash, Digest.Of(frame));
            }
            if (visible is null)
                continue;
            Assert.True(location[0].IsKnown, $"{death}: release {number} lacks its chunk");
            await AssertHolds(
                store, ObjectName.Manifest(release.Manifest),
                System.Text.Encoding.ASCII.GetBytes($"manifest {number}"));
            Assert.True((await catalogue.Releases.FindChannelAsync("app", "any", "stable"))!.Seq >= (ulong)number);
        }
    }

    private static async Task AssertHolds(FileObjectStore store, ObjectName name, byte[] content)
    {
        var bytes = new byte[content.Length];
        await store.ReadAsync(name, 0, bytes);
        Assert.Equal(content, bytes);
    }
}
