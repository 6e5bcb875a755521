using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace ChunkOta.Tests.Store.Model.Backends;

/// <summary>SQLite in a file of one server.</summary>
internal sealed class SqliteModelCatalogue : IModelCatalogue
{
    private readonly ModelFolder _folder = new();

    public int Servers => 1;

    private string CataloguePath => Path.Combine(_folder.Path, "catalogue.db");

    public Task<ICatalogue> OpenAsync(TimeProvider clock) =>
        Task.FromResult(SqliteCatalogue.Open(CataloguePath, clock));

    public Task<IReadOnlyList<Digest>> SelectAsync(string statement) => SelectAsync(CataloguePath, statement);

    /// <summary>Nothing to kill: it lives in the server.</summary>
    public Task KillAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

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
}
