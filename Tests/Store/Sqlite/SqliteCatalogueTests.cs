using ChunkOta.Durable;
using ChunkOta.Storage;
using ChunkOta.Storage.Sql;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Store.Contracts;
using ChunkOta.Tests.Support;
using Microsoft.Data.Sqlite;

namespace ChunkOta.Tests.Store.Sqlite;

public sealed class SqliteCatalogueTests : CatalogueContract
{
    private readonly TemporaryFolder _folder = new();

    private string FilePath => _folder["catalogue.db"];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void The_engine_is_named_with_its_version() => Assert.Matches(@"^SQLite 3\.\d+\.\d+$", Catalogue.Engine);

    [Fact]
    public void The_library_is_the_one_that_the_server_brings() => Assert.Equal("3.53.3", SqliteLibrary.Version);

    [Theory]
    [InlineData(3_040_001, "3.40.1")]
    [InlineData(3_051_002, "3.51.2")]
    public void A_library_that_can_lose_committed_data_is_refused(int number, string text)
    {
        var refusal = Assert.Throws<ChunkOtaException>(() => SqliteLibrary.Check(number, text));

        Assert.Equal("SYSTEM_LIBRARY_MISSING", refusal.Code);
        Assert.Contains(text, refusal.Message, StringComparison.Ordinal);
        SqliteLibrary.Check(3_051_003, "3.51.3");
    }

    [Fact]
    public async Task A_file_of_a_newer_program_is_refused()
    {
        await Catalogue.DisposeAsync();
        Run(FilePath, $"PRAGMA user_version = {SqlMigrations.Newest + 1}");

        var refusal = Assert.Throws<StoreUnavailableException>(() => SqliteCatalogue.Open(FilePath, Time));

        Assert.Contains("newer", refusal.Message, StringComparison.Ordinal);
        Run(FilePath, $"PRAGMA user_version = {SqlMigrations.Newest}");
    }

    [Fact]
    public void A_file_that_is_no_catalogue_is_refused_and_left_alone()
    {
        File.WriteAllText(_folder["text"], new string('x', 10_000));
        Run(_folder["other"], "CREATE TABLE theirs (a)");

        Assert.Throws<StoreUnavailableException>(() => SqliteCatalogue.Open(_folder["text"], Time));
        Assert.Throws<StoreUnavailableException>(() => SqliteCatalogue.Open(_folder["other"], Time));
        Assert.Equal(new string('x', 10_000), File.ReadAllText(_folder["text"]));
    }

    [Fact]
    public async Task A_migration_that_stopped_half_way_has_not_happened()
    {
        await Catalogue.DisposeAsync();
        File.Delete(FilePath);
        Run(FilePath, "BEGIN; CREATE TABLE products (x);");

        await ReopenAsync();

        Assert.Empty(await Catalogue.Identities.ListProductsAsync());
    }

    [Fact]
    public async Task A_catalogue_of_before_collections_keeps_its_chunks_and_recipes()
    {
        await Catalogue.DisposeAsync();
        File.Delete(FilePath);
        Run(FilePath, ReadScriptsBefore("0008") + "PRAGMA application_id = 1129272385;");
        var (pack, recipe) = (Hash("pack"), Hash("recipe"));
        Run(
            FilePath,
            $"""
            PRAGMA user_version = 7;
            INSERT INTO products (id, name, cut_min_bytes, cut_average_bytes, cut_max_bytes, cut_seed)
            VALUES (1, 'app', 64, 256, 1024, 0);
            INSERT INTO packs (id, digest, stored_bytes, chunks, plain_bytes, publish, added)
            VALUES (1, x'{pack}', 1000, 2, 300, x'00', 0);
            INSERT INTO chunks (id, hash, pack_id, frame_offset, frame_stored_bytes, frame_plain_bytes, plain_offset,
              plain_bytes)
            VALUES (1, x'{Chunk(100).Hash}', 1, 8, 150, 300, 0, 100),
              (2, x'{Chunk(200).Hash}', 1, 8, 150, 300, 100, 200);
            INSERT INTO product_chunks (product_id, chunk_id) VALUES (1, 1), (1, 2);
            INSERT INTO recipes (digest, bytes) VALUES (x'{recipe}', 72);
            """);

        await ReopenAsync();

        Assert.Equal([new SparsePack(1, pack, 150)], await Catalogue.Trash.ListSparseAsync(101, 0, 10));
        Assert.Equal(
            [new ChunkClaim(1, 1), new ChunkClaim(2, 1)], await Catalogue.Collection.ListClaimsAsync(default, 10));
        Assert.Equal(72, Assert.Single(await Catalogue.Chunks.FindRecipeBytesAsync([recipe])));
    }

    [Fact]
    public async Task A_damaged_file_is_an_error_of_the_store()
    {
        await Catalogue.DisposeAsync();
        using (var file = DurableFile.OpenWrite(FilePath)) file.WriteAt(0, new byte[4096]);

        Assert.Throws<StoreUnavailableException>(() => SqliteCatalogue.Open(FilePath, Time));
        File.Delete(FilePath);
    }

    [Fact]
    public async Task A_failure_of_a_call_tells_the_path_to_the_operator_alone()
    {
        await using var catalogue = SqliteCatalogue.Open(_folder["failing.db"], Time);
        Run(_folder["failing.db"], "DROP TABLE packs");

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await catalogue.Releases.ReadStoreFiguresAsync());

        Assert.DoesNotContain(_folder.Path, failure.Message, StringComparison.Ordinal);
        Assert.Contains(_folder["failing.db"], failure.OperatorDetail, StringComparison.Ordinal);
        Assert.Contains("packs", failure.OperatorDetail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_told_apart_and_its_free_space_to_the_operator_alone()
    {
        var full = new SqliteDialect(FilePath).ToCallFailure(new SqliteException("database or disk is full", 13));

        Assert.Equal(ErrorCodes.StoreFull, full.Code);
        Assert.DoesNotContain(_folder.Path, full.Message, StringComparison.Ordinal);
        Assert.Matches($"{FilePath}.* [kMGT]?B are free", full.OperatorDetail);
    }

    [Fact]
    public async Task Only_one_connection_writes_and_the_readers_cannot()
    {
        await Catalogue.DisposeAsync();
        using var reader = new SqliteDialect(FilePath).OpenReader();
        using var command = reader.CreateCommand();

        command.CommandText = "DELETE FROM products";
        Assert.Throws<SqliteException>(() => _ = command.ExecuteNonQuery());
        command.CommandText = "PRAGMA journal_mode";
        Assert.Equal("wal", command.ExecuteScalar());
        await ReopenAsync();
    }

    [Fact]
    public async Task Asking_for_many_chunks_allocates_nothing_for_each()
    {
        await Catalogue.Chunks.AddPackAsync(Pack(
            [.. Enumerable.Range(0, 8).Select(i => Enumerable.Range(1 + (i * 500), 500).ToArray())]), Guid.NewGuid());
        var hashes = Enumerable.Range(1, 16_384).Select(length => Chunk(length).Hash).ToArray();
        var (missing, locations) = (new byte[2048], new ChunkLocation[16_384]);

        // Half a byte a chunk: the statements of both calls, which also ask whether anything is lost or condemned.
        Assert.InRange(Allocations.Of(Ask), 0, 8192);

        async Task Ask()
        {
            Assert.Equal(16_384 - 4000, await Catalogue.Chunks.FindMissingAsync(hashes, missing));
            await Catalogue.Chunks.FindAsync(hashes, locations);
        }
    }

    [Fact]
    public void Two_servers_cannot_hold_one_folder()
    {
        using var folder = DataFolder.Open(_folder["data"]);

        Assert.Equal("BUSY", Assert.Throws<FileSystemException>(() => DataFolder.Open(_folder["data"])).Code);
        Assert.Equal(0b111_000_000, Fs.FindStatus(folder.Path)!.Value.Mode);
    }

    [Fact]
    public void A_private_file_of_the_folder_is_written_whole_and_for_the_owner_alone()
    {
        using var folder = DataFolder.Open(_folder["data"]);
        Assert.Null(folder.FindFile("admin.token"));

        folder.WriteFile("admin.token", "secret"u8);

        Assert.Equal("secret"u8.ToArray(), folder.FindFile("admin.token"));
        Assert.Equal(0b110_000_000, Fs.FindStatus(folder.PathOf("admin.token"))!.Value.Mode);
    }

    [Fact]
    public async Task An_observer_is_told_of_each_transaction_and_of_failures_of_the_database_alone()
    {
        var told = new ToldTransactions();
        await using var catalogue = SqliteCatalogue.Open(_folder["observed.db"], Time, told);
        await catalogue.Releases.ReadStoreFiguresAsync();
        await catalogue.Collection.BeginAsync();
        await Assert.ThrowsAnyAsync<ChunkOtaException>(
            () => catalogue.Retention.SetPolicyAsync("unknown", "stable", 1));
        Assert.Equal([false, true, true], told.Transactions);
        Assert.Empty(told.Failures);

        Run(_folder["observed.db"], "DROP TABLE packs");
        await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await catalogue.Releases.ReadStoreFiguresAsync());

        Assert.Equal([false, true, true, false], told.Transactions);
        Assert.Equal(["STORE_UNAVAILABLE"], told.Failures);
    }

    protected override Task<ICatalogue> OpenAsync(TimeProvider time) =>
        Task.FromResult<ICatalogue>(SqliteCatalogue.Open(FilePath, time));

    protected override Task<ICatalogue> OpenEmptyAsync(string path) =>
        Task.FromResult<ICatalogue>(SqliteCatalogue.Open(path, Time));

    private static string ReadScriptsBefore(string number)
    {
        var program = typeof(SqlCatalogue).Assembly;
        return string.Concat(program.GetManifestResourceNames().Order(StringComparer.Ordinal)
            .TakeWhile(name => string.CompareOrdinal(name, number) < 0)
            .Select(name =>
            {
                using var reader = new StreamReader(program.GetManifestResourceStream(name)!);
                return reader.ReadToEnd();
            }));
    }

    private static void Run(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    private sealed class ToldTransactions : ICatalogueObserver
    {
        public List<bool> Transactions { get; } = [];

        public List<string> Failures { get; } = [];

        public void Transacted(bool isWrite, TimeSpan duration) => Transactions.Add(isWrite);

        public void TransactionFailed(string code) => Failures.Add(code);
    }
}
