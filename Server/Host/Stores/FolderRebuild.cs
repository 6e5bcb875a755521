using System.Globalization;
using ChunkOta.Durable;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;

namespace ChunkOta.Server;

/// <summary>Makes the catalogue of a data folder anew, under another name until it is complete.</summary>
/// <param name="data">Held.</param>
/// <param name="mayReplace">A catalogue that is there is kept under another name; else it is left alone.</param>
internal sealed class FolderRebuild(DataFolder data, bool mayReplace) : ICatalogueRebuild
{
    private const string RebuildingName = "catalogue.rebuilding.db";

    private static readonly string[] Suffixes = ["-wal", "-shm", ""];

    public Task<ICatalogue> BeginAsync(CancellationToken cancellationToken)
    {
        if (!mayReplace && Fs.FindStatus(data.CataloguePath) is not null)
        {
            throw new ChunkOtaException(
                ErrorCodes.InUse,
                $"there is a catalogue: {data.CataloguePath}: restore a backup of it, or pass --replace to rebuild it");
        }

        CatalogueFile.Remove(data.PathOf(RebuildingName));
        return Task.FromResult<ICatalogue>(SqliteCatalogue.Open(data.PathOf(RebuildingName), TimeProvider.System));
    }

    public string? Complete()
    {
        CatalogueFile.CheckClosed(data.PathOf(RebuildingName));
        string? kept = null;
        if (Fs.FindStatus(data.CataloguePath) is not null)
        {
            var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            kept = string.Create(CultureInfo.InvariantCulture, $"{data.CataloguePath}.replaced-{time}");
            foreach (var suffix in Suffixes)
            {
                if (Fs.FindStatus(data.CataloguePath + suffix) is not null)
                    Fs.Rename(data.CataloguePath + suffix, kept + suffix);
            }
        }

        CatalogueFile.Install(data.PathOf(RebuildingName), data.CataloguePath);
        return kept;
    }
}
