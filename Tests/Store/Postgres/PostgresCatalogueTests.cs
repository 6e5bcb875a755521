using ChunkOta.Storage;
using ChunkOta.Storage.Postgres;
using ChunkOta.Storage.Sql;
using ChunkOta.Tests.Store.Contracts;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Postgres;

public sealed class PostgresCatalogueTests(PostgresFixture fixture) : CatalogueContract, IClassFixture<PostgresFixture>
{
    private string? _address;

    private PostgresCluster Cluster => fixture.Cluster;

    [Fact]
    public void The_engine_is_named_with_its_version() => Assert.Matches(@"^PostgreSQL \d+\.\d+$", Catalogue.Engine);

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused()
    {
        await SqlAsync($"UPDATE chunkota_schema SET version = {SqlMigrations.Newest + 1}");

        var refusal = Assert.Throws<StoreUnavailableException>(() => Open());

        Assert.Contains("newer", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_goes_on_beside_a_newer_one_that_has_migrated_the_catalogue()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 100), 1);

        await SqlAsync(
            $"""
            ALTER TABLE releases ADD COLUMN later BIGINT NOT NULL DEFAULT 0;
            CREATE TABLE later (a BIGINT);
            UPDATE chunkota_schema SET version = {SqlMigrations.Newest + 1};
            """);

        await Publish(Release("1.1.0", 2, 200), 2);
        Assert.Equal(2, (await Catalogue.Releases.ListReleasesAsync(new ReleaseQuery())).Releases.Count);
    }

    [Fact]
    public async Task A_database_of_another_program_is_refused_and_left_alone()
    {
        var theirs = await Cluster.CreateDatabaseAsync();
        await Cluster.RunSqlAsync(theirs, "CREATE TABLE theirs (a int)");

        var refusal = Assert.Throws<StoreUnavailableException>(
            () => PostgresCatalogue.Open(PostgresDatabase.Parse(theirs), Time));

        Assert.Contains("another program's", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("theirs", await Cluster.RunSqlAsync(
            theirs, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"));
    }

    [Fact]
    public async Task Servers_that_start_at_the_same_time_make_the_tables_once()
    {
        var empty = PostgresDatabase.Parse(await Cluster.CreateDatabaseAsync());

        var opened = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => Task.Run(() => PostgresCatalogue.Open(empty, Time))));

        await opened[0].Identities.CreateProductAsync(Product("shared"));
        foreach (var catalogue in opened)
        {
            Assert.NotNull(await catalogue.Identities.FindProductAsync("shared"));
            await catalogue.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_full_check_reads_tables_follows_references_and_compares_indexes()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 100), 1);
        Assert.Equal("", await Catalogue.Damage.CheckIntegrityAsync(isFull: true));
        await SqlAsync("CREATE EXTENSION amcheck");
        Assert.Equal("", await Catalogue.Damage.CheckIntegrityAsync(isFull: true));

        await SqlAsync("SET session_replication_role = replica; DELETE FROM packs");

        Assert.Contains(
            "refer to rows that are not there", await Catalogue.Damage.CheckIntegrityAsync(isFull: true),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_catalogue_that_is_being_rebuilt_is_refused_until_it_is_complete()
    {
        var database = PostgresDatabase.Parse(_address!);
        PostgresCatalogue.BeginRebuild(database);

        Assert.Contains(
            "reindex", Assert.Throws<StoreUnavailableException>(() => Open()).Message, StringComparison.Ordinal);

        PostgresCatalogue.CompleteRebuild(database);
        await Open().DisposeAsync();
    }

    [Fact]
    public async Task A_failure_of_a_call_tells_the_address_to_the_operator_alone()
    {
        await SqlAsync("DROP TABLE packs CASCADE");

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await Catalogue.Releases.ReadStoreFiguresAsync());

        Assert.DoesNotContain("127.0.0.1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", failure.OperatorDetail, StringComparison.Ordinal);
        Assert.Contains("packs", failure.OperatorDetail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_connections_cost_no_call()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => Task.Run(async () => await Catalogue.Identities.ListProductsAsync())));
        await Begin();

        await SqlAsync(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            + "WHERE datname = current_database() AND pid <> pg_backend_pid()");

        Assert.Single(await Catalogue.Identities.ListProductsAsync());
        Assert.Single(await Catalogue.Publishes.ListAsync());
        await Begin("1.0.1");
    }

    [Fact]
    public async Task While_the_database_is_away_calls_fail_and_afterwards_they_work()
    {
        await using var own = await PostgresCluster.StartAsync();
        await using var catalogue = PostgresCatalogue.Open(
            PostgresDatabase.Parse(await own.CreateDatabaseAsync()), Time);
        await catalogue.Identities.CreateProductAsync(Product("app"));

        await own.KillAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await catalogue.Identities.ListProductsAsync());
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => catalogue.Identities.CreateProductAsync(Product("other")));
        Assert.Throws<StoreUnavailableException>(() => PostgresCatalogue.Open(
            PostgresDatabase.Parse("Host=127.0.0.1;Port=1;Database=none;Username=nobody"), Time));

        await own.StartAgainAsync();
        Assert.Single(await catalogue.Identities.ListProductsAsync());
        await catalogue.Identities.CreateProductAsync(Product("other"));
    }

    [Fact]
    public async Task Transactions_that_lock_each_other_out_are_run_again()
    {
        using var database = SqlDatabase.Open(new PostgresDialect(PostgresDatabase.Parse(_address!)));
        await database.WriteAsync(
            session => session["INSERT INTO recipes (digest, bytes) VALUES ($1, 1), ($2, 1)"]
                .Bind(1, Hash("a")).Bind(2, Hash("b")).Run(),
            CancellationToken.None);
        using var both = new Barrier(2);
        var tries = 0;

        await Task.WhenAll(Add("a", "b"), Add("b", "a"));

        var bytes = await Catalogue.Chunks.FindRecipeBytesAsync([Hash("a"), Hash("b")]);
        Assert.Equal([3, 3], bytes);
        Assert.True(tries > 2, "one of them is run again");

        Task Add(string first, string second) => Task.Run(() => database.WriteAsync(
            WriteScope.Shared,
            session =>
            {
                Grow(session, first);
                if (Interlocked.Increment(ref tries) <= 2)
                    both.SignalAndWait(TimeSpan.FromSeconds(30));
                Grow(session, second);
            },
            CancellationToken.None));

        static void Grow(SqlSession session, string recipe) =>
            _ = session["UPDATE recipes SET bytes = bytes + 1 WHERE digest = $1"].Bind(1, Hash(recipe)).Run();
    }

    [Fact]
    public async Task Many_writers_on_two_servers_publish_one_after_the_other()
    {
        await using var other = Open();
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200, 300]), Guid.NewGuid());

        var codes = await Task.WhenAll(Enumerable.Range(1, 12).Select(i => Task.Run(async () =>
        {
            var server = i % 2 == 0 ? other : Catalogue;
            var release = Release($"1.0.{i}", 1, 100);
            var lease = await server.Publishes.BeginAsync(new NewPublish
            {
                Product = "app",
                Platform = "any",
                Version = release.Version,
                Channel = "stable",
                Allowances = Allowances.NewChannel | Allowances.NewPlatform | Allowances.Older,
            });
            try
            {
                await server.Releases.CommitAsync(lease.Id, release, Pointer(release, 1));
                return "";
            }
            catch (ChunkOtaException refusal)
            {
                return refusal.Code;
            }
        })));

        // Each wanted counter 1: one has it.
        Assert.Single(codes, "");
        Assert.Single((await other.Releases.ListReleasesAsync(new ReleaseQuery { Product = "app" })).Releases);
    }

    [Fact]
    public async Task A_move_on_one_server_is_heard_on_the_other_alone()
    {
        await using var other = Open();
        await Catalogue.Chunks.AddPackAsync(Pack([100]), Guid.NewGuid());
        using var end = new CancellationTokenSource();
        var (here, there) = (new List<string>(), new List<string>());
        var listening = Task.WhenAll(
            Catalogue.Moves!.ListenAsync(here.Add, end.Token), other.Moves!.ListenAsync(there.Add, end.Token));
        await Eventually.Async(
            "both listening",
            () => SqlAsync(
                "SELECT count(*) FROM pg_stat_activity "
                + "WHERE query LIKE 'LISTEN%' AND datname = current_database()"),
            count => count == "2");

        await Publish(Release("1.0.0", 1, 100), 1);

        await Eventually.Async("the move", () => there.Count != 0);
        Assert.Equal(["app"], there);
        Assert.Empty(here);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);
    }

    [Theory]
    [InlineData("Host=db;Database=ota;Password=secret", "password")]
    [InlineData("Host=db", "Host and Database")]
    [InlineData("Host=db;Database=ota;Colour=red", "Colour")]
    [InlineData("Host=db;Database=ota;Port=many", "port")]
    public void A_connection_string_that_cannot_be_used_is_refused(string text, string expected)
    {
        var refusal = Assert.Throws<ChunkOtaException>(() => PostgresDatabase.Parse(text));

        Assert.Equal("CONFIG_INVALID", refusal.Code);
        Assert.Contains(expected, refusal.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    protected override async Task<ICatalogue> OpenAsync(TimeProvider time)
    {
        _address ??= await Cluster.CreateDatabaseAsync();
        return PostgresCatalogue.Open(PostgresDatabase.Parse(_address), time);
    }

    protected override async Task<ICatalogue> OpenEmptyAsync(string path) =>
        PostgresCatalogue.Open(PostgresDatabase.Parse(await Cluster.CreateDatabaseAsync()), Time);

    private ICatalogue Open() => PostgresCatalogue.Open(PostgresDatabase.Parse(_address!), Time);

    private Task<string> SqlAsync(string sql) => Cluster.RunSqlAsync(_address!, sql);
}
