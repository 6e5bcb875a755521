using ChunkOta.Storage;
using ChunkOta.Storage.Postgres;

namespace ChunkOta.Server;

/// <summary>Makes the catalogue of an empty PostgreSQL database, which servers refuse until it is complete.</summary>
/// <param name="database">The database.</param>
internal sealed class DatabaseRebuild(PostgresDatabase database) : ICatalogueRebuild
{
    public async Task<ICatalogue> BeginAsync(CancellationToken cancellationToken)
    {
        var catalogue = PostgresCatalogue.Open(database, TimeProvider.System);
        try
        {
            var figures = await catalogue.Releases.ReadStoreFiguresAsync(cancellationToken);
            var products = await catalogue.Identities.ListProductsAsync(cancellationToken);
            if (products.Count > 0 || figures.Packs > 0 || figures.Recipes > 0)
            {
                throw new ChunkOtaException(
                    ErrorCodes.InUse,
                    $"there is a catalogue in {database.Name}: restore a backup of it, or create an empty database, "
                    + "name it in Catalogue:Postgres and rebuild it there");
            }

            PostgresCatalogue.BeginRebuild(database);
            return catalogue;
        }
        catch
        {
            await catalogue.DisposeAsync();
            throw;
        }
    }

    public string? Complete()
    {
        PostgresCatalogue.CompleteRebuild(database);
        return null;
    }
}
