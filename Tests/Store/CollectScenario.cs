using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Store.Model;
using ChunkOta.Tests.Store.Model.Backends;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store;

/// <summary>Publishes three releases, deletes the first and collects: in a process that will be killed.</summary>
internal static class CollectScenario
{
    /// <summary>The files of each release; of the first one's pack a small part stays.</summary>
    private static readonly int[][] Files = [[10, 11, 13, 14, 16, 17, 19, 20], [10, 21], [10, 22]];

    public static async Task RunAsync(string folder)
    {
        using var data = DataFolder.Open(folder);
        var objects = FileObjectStore.Open(data.ObjectsPath);
        var clock = NextHour(folder);
        await using var catalogue = SqliteCatalogue.Open(data.CataloguePath, clock);
        await ModelPublisher.CreateAsync(catalogue, "app");
        // Once all are there, a process only collects: a publish that is refused leaves work for the next collection.
        if (await catalogue.Releases.FindReleaseAsync("app", "any", $"{Files.Length}.0.0") is null)
        {
            for (var number = 1; number <= Files.Length; number++)
                await TryPublishAsync(catalogue, objects, number);
        }

        await CrashScenarios.PromiseAsync("published");
        if (await catalogue.Releases.FindReleaseAsync("app", "any", "1.0.0") is { } first)
            _ = await catalogue.Retention.DeleteAsync(first.Manifest, isForced: false, DateTimeOffset.UnixEpoch);
        await CrashScenarios.PromiseAsync("deleted");
        var options = new CollectionOptions { Grace = TimeSpan.Zero, OrphanGrace = TimeSpan.Zero };
        _ = await new Collector(catalogue, objects, options, clock)
            .RunAsync(new Progress<CollectionProgress>(), CancellationToken.None)
            ?? throw new ChunkOtaException(ErrorCodes.Busy, "another collection runs");
        await CrashScenarios.PromiseAsync("collected");
    }

    /// <summary>What was promised is there, and nothing is half.</summary>
    public static async Task CheckAsync(string folder, IReadOnlyList<string> promised)
    {
        using var data = DataFolder.Open(folder);
        var objects = FileObjectStore.Open(data.ObjectsPath);
        await using var catalogue = SqliteCatalogue.Open(data.CataloguePath, TimeProvider.System);
        var invariants = new StoreInvariants(
            catalogue, objects, statement => SqliteModelCatalogue.SelectAsync(data.CataloguePath, statement));
        await invariants.CheckRowsAsync();
        for (var number = 1; number <= Files.Length; number++)
        {
            var release = await catalogue.Releases.FindReleaseAsync("app", "any", $"{number}.0.0");
            Assert.True(number == 1 || !promised.Contains("published") || release is not null, $"lost {number}.0.0");
            Assert.True(number != 1 || !promised.Contains("deleted") || release is null, "1.0.0 is there again");
            if (release is not null)
                Assert.Null(await invariants.FindFaultAsync(
                    DedupDomain.Shared, release.Manifest, ModelContent.Files(Files[number - 1]),
                    CancellationToken.None));
        }

        if (promised.Contains("collected"))
            await invariants.CheckObjectsAsync();
    }

    private static async Task TryPublishAsync(ICatalogue catalogue, IPrunableObjectStore objects, int number)
    {
        try
        {
            await ModelPublisher.PublishAsync(
                catalogue, objects, "app", $"{number}.0.0", (ulong)number, Files[number - 1]);
        }
        catch (ChunkOtaException known) when (known.Code is ErrorCodes.VersionTaken or ErrorCodes.SeqTaken)
        {
            // The process before this one has published it.
            return;
        }
    }

    /// <summary>A clock that is an hour later in each process: the leases of the last one are over.</summary>
    private static ManualTime NextHour(string folder)
    {
        var runs = Directory.GetFiles(folder, "run-*").Length;
        File.WriteAllText(Path.Combine(folder, $"run-{runs}"), "");
        return new ManualTime(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000).AddHours(runs));
    }
}
