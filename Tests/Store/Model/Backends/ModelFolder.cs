namespace ChunkOta.Tests.Store.Model.Backends;

/// <summary>A temporary folder, in memory where the machine has such a file system: ten thousand operations sync tens
/// of thousands of times.</summary>
internal sealed class ModelFolder : IDisposable
{
    private const string InMemory = "/dev/shm";

    public ModelFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(
        Directory.Exists(InMemory) ? InMemory : System.IO.Path.GetTempPath(), $"chunkota-model-{Guid.NewGuid():n}");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
