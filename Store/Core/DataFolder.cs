using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>A server's folder, held by one process at a time: catalogue, objects and a few private files.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileLock? _lock;

    private DataFolder(string path, FileLock? taken)
    {
        Path = path;
        _lock = taken;
    }

    /// <summary>Its full path.</summary>
    public string Path { get; }

    /// <summary>True when no other process has the folder; false after <see cref="OpenBeside"/> while a server
    /// does.</summary>
    public bool IsLocked => _lock is not null;

    /// <summary>The file of the SQLite catalogue.</summary>
    public string CataloguePath => PathOf("catalogue.db");

    /// <summary>The folder of the object store.</summary>
    public string ObjectsPath => PathOf("objects");

    /// <summary>Opens the folder and locks it; creates it for the owner alone if it is missing.</summary>
    /// <exception cref="FileSystemException">Code <c>BUSY</c> when another server holds it.</exception>
    public static DataFolder Open(string path)
    {
        var full = Fs.Resolve(path);
        Fs.MakeDirectories(full);
        Fs.CheckWritable(full);
        var folder = new DataFolder(full, FileLock.Acquire(System.IO.Path.Combine(full, "lock")));
        try
        {
            // A private key may be in one.
            TemporaryFile.RemoveLeftovers(full);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Opens an existing folder for a short change of its own to the catalogue, also while a server holds
    /// it: the database takes one writer at a time.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="holdsCatalogue">False when the catalogue is elsewhere.</param>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID: it is not a server's folder.</exception>
    public static DataFolder OpenBeside(string path, bool holdsCatalogue)
    {
        var folder = Beside(path, holdsCatalogue);
        try
        {
            return new DataFolder(folder.Path, FileLock.Acquire(folder.PathOf("lock")));
        }
        catch (FileSystemException held) when (held.Problem == FileProblem.Busy)
        {
            return folder;
        }
    }

    /// <summary>Opens an existing folder without holding it: a server may run on it, or start, meanwhile.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="holdsCatalogue">False when the catalogue is elsewhere.</param>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID: it is not a server's folder.</exception>
    public static DataFolder Beside(string path, bool holdsCatalogue)
    {
        var full = Fs.Resolve(path);
        var folder = new DataFolder(full, null);
        var needed = holdsCatalogue ? folder.CataloguePath : folder.PathOf("lock");
        if (Fs.FindStatus(needed) is null)
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid, $"not the data folder of a server: {full}: check --data");
        Fs.CheckWritable(full);
        Fs.CheckWritable(needed);
        return folder;
    }

    /// <summary>True when one of the small private files is there, whoever can read it.</summary>
    public bool HasFile(string name) => Fs.FindStatus(PathOf(name)) is not null;

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
        _ = TreeRemoval.Remove(path);
        _ = Fs.MakeDirectory(path);
        return path;
    }

    /// <summary>The full path of a name in the folder.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Unlocks the folder.</summary>
    public void Dispose() => _lock?.Dispose();
}
