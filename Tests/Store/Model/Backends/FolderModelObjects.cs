using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Model.Backends;

/// <summary>Objects in a folder.</summary>
internal sealed class FolderModelObjects : IModelObjects
{
    private readonly ModelFolder _folder = new();

    public IObjectReader Truth => Open();

    public Task<IPrunableObjectStore> OpenAsync() => Task.FromResult<IPrunableObjectStore>(Open());

    public Task CalmAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private FileObjectStore Open() => FileObjectStore.Open(Path.Combine(_folder.Path, "objects"));
}
