using ChunkOta.Chunking;
using ChunkOta.Server;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Store;
using ChunkOta.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChunkOta.Tests.Server.Hosting;

public sealed class StoreHealthTests
{
    [Fact]
    public async Task The_store_is_healthy_only_while_it_answers()
    {
        using var folder = new TemporaryFolder();
        await using var catalogue = SqliteCatalogue.Open(folder["catalogue.db"], TimeProvider.System);
        var objects = new FaultyObjectStore();
        var check = new StoreHealth(catalogue, objects);

        var before = await check.CheckHealthAsync(new HealthCheckContext());
        objects.Failure = new StoreUnavailableException("the bucket is gone");
        var during = await check.CheckHealthAsync(new HealthCheckContext());
        objects.Failure = null;
        var after = await check.CheckHealthAsync(new HealthCheckContext());

        Assert.Equal(HealthStatus.Healthy, before.Status);
        Assert.Equal(HealthStatus.Unhealthy, during.Status);
        Assert.Equal("STORE_UNAVAILABLE: the bucket is gone", during.Description);
        Assert.Equal(HealthStatus.Healthy, after.Status);
    }

    [Fact]
    public async Task A_lost_object_degrades_the_store()
    {
        using var folder = new TemporaryFolder();
        await using var catalogue = SqliteCatalogue.Open(folder["catalogue.db"], TimeProvider.System);
        var recipe = Digest.Of("recipe"u8);
        await catalogue.Chunks.AddRecipesAsync([new StoredRecipe(recipe, 72)], Guid.NewGuid());
        await catalogue.Damage.RecordAsync(
            new ObjectFinding(ObjectName.Recipe(recipe), ObjectFault.Missing, "it is gone", [], 0));

        var health = await new StoreHealth(catalogue, new FaultyObjectStore())
            .CheckHealthAsync(new HealthCheckContext());

        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.StartsWith("objects lost: 1", health.Description, StringComparison.Ordinal);
    }
}
