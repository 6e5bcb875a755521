using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>A server's folder, held by one process at a time: catalogue, objects and a few private files.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileLock _lock;

    private DataFolder(string path, FileLock taken)
    {
        Path = path;
        _lock = taken;
    }

    /// <summary>Its full path.</summary>
    public string Path { get; }

    /// <summary>The file of the SQLite catalogue.</summary>
    public string CataloguePath => PathOf("catalogue.db");

    /// <summary>The folder of the object store.</summary>
    public string ObjectsPath => PathOf("objects");

    /// <summary>Opens the folder and locks it; creates it for the owner alone if it is missing.</summary>
    /// <exception cref="FileSystemException">Code <c>BUSY</c> when another server holds it.</exception>
    public static DataFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        Fs.MakeDirectories(full);
        return new DataFolder(full, FileLock.Take(System.IO.Path.Combine(full, "lock")));
    }

    /// <summary>Reads one of the small private files; null when it is not there.</summary>
    /// <param name="name">Such as <c>tls.key</c>.</param>
    public byte[]? FindFile(string name) => DurableFile.FindBytes(PathOf(name), 1024 * 1024);

    /// <summary>Writes one of the small private files, durably, mode 0600.</summary>
    public void WriteFile(string name, ReadOnlySpan<byte> content) => AtomicFile.Replace(PathOf(name), content);

    /// <summary>Creates the folder of scratch files, and deletes what a killed process left in it.</summary>
    /// <returns>Its full path.</returns>
    public string MakeScratchFolder()
    {
        var path = PathOf("scratch");
        _ = Fs.RemoveTree(path);
        _ = Fs.MakeDirectory(path);
        return path;
    }

    /// <summary>The full path of a name in the folder.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Unlocks the folder.</summary>
    public void Dispose() => _lock.Dispose();
}
