using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Model;

/// <summary>A catalogue and an object store for the model test; what is opened again has what was there
/// before.</summary>
internal interface IModelBackend : IAsyncDisposable
{
    /// <summary>The operations of a run, for each commit.</summary>
    int Operations { get; }

    Task<ICatalogue> OpenCatalogueAsync(TimeProvider clock);

    Task<IPrunableObjectStore> OpenObjectsAsync();

    /// <summary>Digests that a statement selects, past the catalogue.</summary>
    Task<IReadOnlyList<Digest>> SelectAsync(string statement);
}
