using System.Text;
using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Storage.Postgres;
using ChunkOta.Storage.Sqlite;

namespace ChunkOta.Server;

/// <summary>Opens the catalogue and the objects that the settings name.</summary>
internal static class StoreOpening
{
    private const int OwnerCharacters = 16;

    /// <summary>Opens the catalogue, creating or migrating it as needed.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID, STORE_UNAVAILABLE, SYSTEM_LIBRARY_MISSING.</exception>
    public static ICatalogue OpenCatalogue(CatalogueSettings settings, DataFolder data, TimeProvider clock)
    {
        if (settings.IsInDataFolder())
            return SqliteCatalogue.Open(data.CataloguePath, clock);
        // A call waits for the database on its own thread: others must not wait for those threads.
        ThreadPool.GetMinThreads(out var workers, out var completions);
        _ = ThreadPool.SetMinThreads(workers + PostgresCatalogue.MaxConnections, completions);
        return PostgresCatalogue.Open(settings.ToDatabase(), clock);
    }

    /// <summary>Looks whether the database can hold a catalogue, if the settings name one; changes nothing.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID, STORE_UNAVAILABLE.</exception>
    public static void CheckCatalogue(CatalogueSettings settings)
    {
        if (!settings.IsInDataFolder())
            PostgresCatalogue.Check(settings.ToDatabase());
    }

    /// <summary>Opens the object store.</summary>
    public static IPrunableObjectStore OpenObjects(ObjectSettings settings, DataFolder data) =>
        settings.Folder.Length == 0
            ? FileObjectStore.Open(data.ObjectsPath)
            : FileObjectStore.Open(settings.Folder, $"tmp-{OwnerOf(data)}");

    /// <summary>Names the one process that may hold a data folder, on all machines that share objects.</summary>
    private static string OwnerOf(DataFolder data) =>
        Digest.Of(Encoding.UTF8.GetBytes($"{Environment.MachineName}\n{data.Path}")).ToString()[..OwnerCharacters];
}
