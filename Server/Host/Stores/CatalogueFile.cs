using ChunkOta.Durable;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>An SQLite catalogue that is built under another name, because a server must not start on half of
/// one.</summary>
internal static class CatalogueFile
{
    private static readonly string[] Companions = ["-wal", "-shm"];

    /// <summary>Removes what a killed process left.</summary>
    public static void Remove(DataFolder data, string name)
    {
        foreach (var suffix in Companions) _ = Fs.Unlink(data.PathOf(name) + suffix);
        _ = Fs.Unlink(data.PathOf(name));
    }

    /// <summary>Makes sure that all of the catalogue is in its file.</summary>
    /// <exception cref="StoreUnavailableException">It was not closed.</exception>
    public static void CheckClosed(DataFolder data, string name)
    {
        if (Fs.FindStatus(data.PathOf(name) + Companions[0]) is not null)
            throw new StoreUnavailableException("the new catalogue was not closed: run the command again");
    }

    /// <summary>Gives a complete catalogue its name, durably; none has it.</summary>
    public static void Install(DataFolder data, string name)
    {
        CheckClosed(data, name);
        Fs.Rename(data.PathOf(name), data.CataloguePath);
        Fs.SyncDirectory(data.Path);
    }
}
