using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Storage.Postgres;
using ChunkOta.Tests.Support;
using Npgsql;

namespace ChunkOta.Tests.Store.Model.Backends;

/// <summary>A PostgreSQL of its own, with two servers.</summary>
internal sealed class PostgresModelCatalogue : IModelCatalogue
{
    private readonly PostgresCluster _cluster;
    private readonly string _database;

    private PostgresModelCatalogue(PostgresCluster cluster, string database)
    {
        _cluster = cluster;
        _database = database;
    }

    public int Servers => 2;

    public static async Task<IModelCatalogue> StartAsync()
    {
        var cluster = await PostgresCluster.StartAsync();
        return new PostgresModelCatalogue(cluster, await cluster.CreateDatabaseAsync());
    }

    public Task<ICatalogue> OpenAsync(TimeProvider clock) =>
        Task.FromResult(PostgresCatalogue.Open(PostgresDatabase.Parse(_database), clock));

    public async Task<IReadOnlyList<Digest>> SelectAsync(string statement)
    {
        await using var connection = new NpgsqlConnection($"{_database};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<Digest> digests = [];
        while (await reader.ReadAsync()) digests.Add(Digest.FromBytes(reader.GetFieldValue<byte[]>(0)));
        return digests;
    }

    public async Task KillAsync()
    {
        await _cluster.KillAsync();
        await _cluster.StartAgainAsync();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
