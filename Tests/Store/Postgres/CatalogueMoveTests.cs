using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Storage.Postgres;
using ChunkOta.Storage.Sql;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Postgres;

/// <summary>A catalogue that is copied from SQLite to PostgreSQL and back.</summary>
public sealed class CatalogueMoveTests(PostgresFixture fixture) : IClassFixture<PostgresFixture>, IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new(Now);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_table_arrives_and_new_rows_get_new_numbers_either_way()
    {
        await FillAsync();
        var database = PostgresDatabase.Parse(await fixture.Cluster.CreateDatabaseAsync());

        var there = Move(From(), PostgresCatalogue.DatabaseOf(database));

        await using (var catalogue = PostgresCatalogue.Open(database, _time))
        {
            Assert.Equal(2, (await catalogue.Identities.ListProductsAsync()).Count);
            await catalogue.Identities.CreateProductAsync(Product("third"));
            await catalogue.Chunks.AddPackAsync(Pack(300), Guid.NewGuid());
            Assert.Equal(3, (await catalogue.Identities.ListProductsAsync()).Count);
        }

        var back = Move(PostgresCatalogue.DatabaseOf(database), SqliteCatalogue.DatabaseOf(_folder["back.db"]));
        await using (var catalogue = SqliteCatalogue.Open(_folder["back.db"], _time))
        {
            Assert.Equal(3, (await catalogue.Identities.ListProductsAsync()).Count);
            await catalogue.Identities.CreateProductAsync(Product("fourth"));
        }

        Assert.Equal(there.Select(table => table.Table), back.Select(table => table.Table));
        Assert.Equal(2, there.Single(table => table.Table == "scrubs").Rows);
        Assert.Contains(there, table => table is { Table: "collection", Rows: 1 });
        Assert.Equal(
            await fixture.Cluster.RunSqlAsync(
                Address(database), "SELECT count(*) - 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                + "AND relkind = 'r'"),
            there.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_copy_that_ends_before_its_commit_leaves_an_empty_database()
    {
        await FillAsync();
        var database = PostgresDatabase.Parse(await fixture.Cluster.CreateDatabaseAsync());
        var target = PostgresCatalogue.DatabaseOf(database);

        Assert.Throws<TimeoutException>(() => Move(From(), target, () => throw new TimeoutException()));

        Assert.False(CatalogueMove.HasCatalogue(target));
        var first = Move(From(), target);
        // The whole copy was there before the answer: it is compared.
        Assert.Equal(first, Move(From(), target));
    }

    [Fact]
    public async Task Another_catalogue_is_left_alone()
    {
        await FillAsync();
        var database = PostgresDatabase.Parse(await fixture.Cluster.CreateDatabaseAsync());
        await using (var theirs = PostgresCatalogue.Open(database, _time))
            await theirs.Identities.CreateProductAsync(Product("theirs"));

        var refusal = Assert.Throws<ChunkOtaException>(() => Move(From(), PostgresCatalogue.DatabaseOf(database)));

        Assert.Equal("IN_USE", refusal.Code);
        await using var still = PostgresCatalogue.Open(database, _time);
        Assert.Equal("theirs", Assert.Single(await still.Identities.ListProductsAsync()).Name);
    }

    [Fact]
    public async Task A_database_is_held_by_servers_or_by_a_move()
    {
        var database = PostgresDatabase.Parse(await fixture.Cluster.CreateDatabaseAsync());
        await using (PostgresCatalogue.Open(database, _time))
            Assert.Equal("IN_USE", Assert.Throws<ChunkOtaException>(() => PostgresHold.Take(database)).Code);

        using (var hold = PostgresHold.Take(database))
        {
            hold.Confirm();
            var refusal = Assert.Throws<StoreUnavailableException>(() => PostgresCatalogue.Open(database, _time));
            Assert.Contains("being migrated", refusal.Message, StringComparison.Ordinal);
            await fixture.Cluster.RunSqlAsync(
                Address(database),
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                + "WHERE datname = current_database() AND pid <> pg_backend_pid()");
            Assert.Throws<StoreUnavailableException>(hold.Confirm);
        }

        await using var after = PostgresCatalogue.Open(database, _time);
    }

    private static IReadOnlyList<TableFigures> Move(ISqlDialect from, ISqlDialect to, Action? confirm = null) =>
        new CatalogueMove(from, to).Run(new Progress<TableFigures>(), confirm ?? (() => { }), CancellationToken.None);

    private ISqlDialect From() => SqliteCatalogue.DatabaseOf(_folder["from.db"]);

    private string Address(PostgresDatabase database) =>
        $"Host=unused;Database={database.Name[(database.Name.IndexOf('/', StringComparison.Ordinal) + 1)..]}";

    private async Task FillAsync()
    {
        await using var catalogue = SqliteCatalogue.Open(_folder["from.db"], _time);
        await catalogue.Identities.CreateProductAsync(Product("first"));
        await catalogue.Identities.CreateProductAsync(Product("second"));
        await catalogue.Chunks.AddPackAsync(Pack(100), Guid.NewGuid());
        await catalogue.Chunks.AddPackAsync(Pack(200), Guid.NewGuid());
        await catalogue.Identities.AddTokenAsync(new TokenRecord
        {
            Id = "token",
            SecretDigest = Digest.Of("secret"u8),
            Role = AccessRole.Admin,
            Created = Now,
            Label = "größer",
        });
    }

    private static NewProduct Product(string name) =>
        new(name, null, new RootRecord(1, Digest.Of("root"u8), Now, new byte[] { 1, 2 }));

    private static PackContents Pack(int length)
    {
        var chunk = new ChunkRef(Digest.Of(BitConverter.GetBytes(length)), length);
        return new PackContents(chunk.Hash, length + 1000, [new PackFrame(8, length, length, [chunk])]);
    }
}
