using ChunkOta.Tests.Store.Model.Backends;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Model;

/// <summary>The store under random use, by two to eight workers at once whose servers die again and again.</summary>
/// <remarks>A class for each pair of backends, so that they run at once: with a bucket they wait most of the
/// time.</remarks>
[Trait("Category", "Random")]
[Trait("Category", "Slow")]
public abstract class StoreModelTests
{
    /// <summary>Runs the model, in a release gate on one new store after another; each has its own workers, contents
    /// and deaths, and OTA_TEST_SEED changes all of them.</summary>
    private protected static async Task RunAsync(
        int pair, int operations, Func<Task<IModelCatalogue>> startCatalogue,
        Func<int, Task<IModelObjects>> makeObjects)
    {
        var seeds = Rounds.Random(20_261_129 + pair);
        for (var round = 0; round < Rounds.Of(1); round++)
        {
            var seed = seeds.Next();
            await using var backend = new ModelBackend(await startCatalogue(), await makeObjects(seed));
            await using var model = new StoreModel(backend, seed);
            await model.RunAsync(operations);
        }

        FaultFigures.Add(("model_operations", Rounds.Of(operations)));
    }

    private protected static Task<IModelCatalogue> StartSqliteAsync() =>
        Task.FromResult<IModelCatalogue>(new SqliteModelCatalogue());

    private protected static async Task<IModelCatalogue> StartPostgresAsync() =>
        await PostgresModelCatalogue.StartAsync();

    private protected static Task<IModelObjects> MakeFolderAsync(int seed) =>
        Task.FromResult<IModelObjects>(new FolderModelObjects());

    private protected static Func<int, Task<IModelObjects>> MakeBucket(RadosgwFixture fixture) =>
        async seed => await BucketModelObjects.MakeAsync(await fixture.ServiceAsync(), seed);
}

/// <summary>The pair of a server alone.</summary>
public sealed class SqliteFolderModelTests : StoreModelTests
{
    [Fact]
    public Task S_06_Nothing_visible_is_lost_and_nothing_useless_stays() =>
        RunAsync(1, 10_000, StartSqliteAsync, MakeFolderAsync);
}

/// <summary>The pair of servers that share a folder.</summary>
public sealed class PostgresFolderModelTests : StoreModelTests
{
    [Fact]
    public Task S_06_Nothing_visible_is_lost_and_nothing_useless_stays() =>
        RunAsync(2, 1000, StartPostgresAsync, MakeFolderAsync);
}

/// <summary>The pair of a server alone with much content.</summary>
public sealed class SqliteBucketModelTests(RadosgwFixture fixture) : StoreModelTests
{
    [Fact]
    public Task S_06_Nothing_visible_is_lost_and_nothing_useless_stays() =>
        RunAsync(3, 1000, StartSqliteAsync, MakeBucket(fixture));
}

/// <summary>The pair of servers that share a bucket.</summary>
public sealed class PostgresBucketModelTests(RadosgwFixture fixture) : StoreModelTests
{
    [Fact]
    public Task S_06_Nothing_visible_is_lost_and_nothing_useless_stays() =>
        RunAsync(4, 1000, StartPostgresAsync, MakeBucket(fixture));
}
