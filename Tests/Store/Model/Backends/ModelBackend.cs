namespace ChunkOta.Tests.Store.Model.Backends;

/// <summary>A database and a place for objects.</summary>
/// <param name="Catalogue">The database.</param>
/// <param name="Objects">The objects.</param>
internal sealed record ModelBackend(IModelCatalogue Catalogue, IModelObjects Objects)
    : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Catalogue.DisposeAsync();
        await Objects.DisposeAsync();
    }
}
