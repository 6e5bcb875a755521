using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace ChunkOta.Tests.Store.Model;

/// <summary>SQLite and a folder, in memory where the machine has such a file system: ten thousand operations sync tens
/// of thousands of times.</summary>
internal sealed class SqliteFolderBackend : IModelBackend
{
    private const string InMemory = "/dev/shm";

    private readonly string _folder = Path.Combine(
        Directory.Exists(InMemory) ? InMemory : Path.GetTempPath(), $"chunkota-model-{Guid.NewGuid():n}");

    public SqliteFolderBackend() => Directory.CreateDirectory(_folder);

    public int Operations => 10_000;

    private string CataloguePath => Path.Combine(_folder, "catalogue.db");

    public Task<ICatalogue> OpenCatalogueAsync(TimeProvider clock) =>
        Task.FromResult(SqliteCatalogue.Open(CataloguePath, clock));

    public Task<IPrunableObjectStore> OpenObjectsAsync() =>
        Task.FromResult<IPrunableObjectStore>(FileObjectStore.Open(Path.Combine(_folder, "objects")));

    public Task<IReadOnlyList<Digest>> SelectAsync(string statement) => SelectAsync(CataloguePath, statement);

    /// <summary>Digests that a statement selects from a catalogue file.</summary>
    public static async Task<IReadOnlyList<Digest>> SelectAsync(string file, string statement)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await using var reader = await command.ExecuteReaderAsync();
        List<Digest> digests = [];
        while (await reader.ReadAsync()) digests.Add(Digest.FromBytes(reader.GetFieldValue<byte[]>(0)));
        return digests;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
