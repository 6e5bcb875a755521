using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd.SharedCatalogue;

/// <summary>A server beside one of the next version, which has migrated the catalogue: docs/adr/0044.</summary>
public sealed class NeighbouringVersionsTests
{
    /// <summary>All that a migration may do, to tables that each publish, install and collection writes to. The
    /// Architecture tests hold migrations to it.</summary>
    private const string NextMigration =
        """
        BEGIN;
        ALTER TABLE products ADD COLUMN next BIGINT NOT NULL DEFAULT 7;
        ALTER TABLE releases ADD COLUMN next BIGINT;
        ALTER TABLE packs ADD COLUMN next BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE chunks ADD COLUMN next TEXT NOT NULL DEFAULT '';
        ALTER TABLE recipes ADD COLUMN next BYTEA;
        ALTER TABLE publishes ADD COLUMN next BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE pointers ADD COLUMN next BIGINT;
        ALTER TABLE devices ADD COLUMN next TEXT NOT NULL DEFAULT '';
        ALTER TABLE delta_jobs ADD COLUMN next BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE deltas ADD COLUMN next BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE collection ADD COLUMN next BIGINT NOT NULL DEFAULT 0;
        UPDATE releases SET next = counter;
        CREATE TABLE next_things (release_id BIGINT NOT NULL REFERENCES releases (id), PRIMARY KEY (release_id));
        INSERT INTO next_things SELECT id FROM releases;
        CREATE INDEX releases_by_next ON releases (next);
        UPDATE chunkota_schema SET version = version + 1;
        COMMIT;
        """;

    [Fact]
    public async Task A_running_server_goes_on_after_the_next_version_has_migrated_and_no_other_starts()
    {
        await using var database = await PostgresCluster.StartAsync();
        var connection = await database.CreateDatabaseAsync();
        await using var rig = await Rig.StartAsync($"Catalogue:Postgres={connection}", "Deltas:Workers=1");
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();

        await database.RunSqlAsync(connection, NextMigration);

        var second = await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AdminAsync("deltas", "app", "--wait")).Succeeded();
        var upgrade = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;
        Assert.InRange(upgrade.GetProperty("fetched_delta_bytes").GetInt64(), 1, long.MaxValue);
        SampleTree.AssertSame(second, rig.Current);
        (await rig.AdminAsync("releases", "delete", "app", "1.0.0", "--platform", "linux-x64")).Succeeded();
        (await rig.AdminAsync("gc")).Succeeded();
        (await rig.AdminAsync("verify", "--full")).Succeeded();
        Assert.Equal("2", await database.RunSqlAsync(connection, "SELECT count(*) FROM releases"));
        Assert.Equal("7", await database.RunSqlAsync(connection, "SELECT next FROM products"));

        var run = await ProgramRun.RunAsync(
            new Dictionary<string, string?>(), "dotnet",
            [
                Programs.Server, "run", "--data", rig.PathOf("other"), "Listen:Tls=off", "Listen:Http=off",
                "Listen:Metrics=off", "Listen:Grpc=127.0.0.1:0", $"Catalogue:Postgres={connection}",
            ]);
        run.Refused("STORE_UNAVAILABLE", 8);
        Assert.Contains("use the newer program", run.Error, StringComparison.Ordinal);
    }
}
