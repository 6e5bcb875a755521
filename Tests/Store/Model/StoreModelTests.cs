using ChunkOta.Tests.Store.Model.Backends;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Model;

/// <summary>The store under random use, by two to eight workers at once whose servers die again and again.</summary>
public sealed class StoreModelTests(RadosgwFixture fixture)
{
    [Theory]
    [InlineData("SQLite", "folder", 10_000)]
    [InlineData("PostgreSQL", "folder", 1000)]
    [InlineData("SQLite", "bucket", 1000)]
    [InlineData("PostgreSQL", "bucket", 1000)]
    [Trait("Category", "Random")]
    [Trait("Category", "Slow")]
    public async Task S_06_Nothing_visible_is_lost_and_nothing_useless_stays(
        string catalogue, string objects, int operations)
    {
        // Each has its own workers, contents and deaths; OTA_TEST_SEED changes all of them.
        var seed = Rounds.Random(20_261_129 + catalogue.Length + (100 * objects.Length)).Next();
        await using var backend = new ModelBackend(
            catalogue == "SQLite" ? new SqliteModelCatalogue() : await PostgresModelCatalogue.StartAsync(),
            objects == "folder"
                ? new FolderModelObjects()
                : await BucketModelObjects.MakeAsync(await fixture.ServiceAsync(), seed));
        await using var model = new StoreModel(backend, seed);
        await model.RunAsync(Rounds.Of(operations));
        FaultFigures.Add(("model_operations", Rounds.Of(operations)));
    }
}
