using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>An SQLite catalogue that is built under another name, because a server must not start on half of
/// one.</summary>
public static class CatalogueFile
{
    private static readonly string[] Companions = ["-wal", "-shm"];

    /// <summary>Removes a catalogue that nobody needs, such as one that a killed process left.</summary>
    public static void Remove(string path)
    {
        foreach (var suffix in Companions) _ = Fs.Unlink(path + suffix);
        _ = Fs.Unlink(path);
    }

    /// <summary>Makes sure that all of the catalogue is in its file.</summary>
    /// <exception cref="StoreUnavailableException">It was not closed.</exception>
    public static void CheckClosed(string path)
    {
        if (Fs.FindStatus(path + Companions[0]) is not null)
            throw new StoreUnavailableException("the new catalogue was not closed: run the command again");
    }

    /// <summary>Gives a complete catalogue its name, durably; none has it.</summary>
    /// <exception cref="StoreUnavailableException">It was not closed.</exception>
    public static void Install(string path, string name)
    {
        CheckClosed(path);
        Fs.Rename(path, name);
        Fs.SyncDirectory(Path.GetDirectoryName(name)!);
    }
}
