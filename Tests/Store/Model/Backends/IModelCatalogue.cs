using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Model.Backends;

/// <summary>A database for the model test; what is opened again has what was there before.</summary>
internal interface IModelCatalogue : IAsyncDisposable
{
    /// <summary>The number of servers that use it at once.</summary>
    int Servers { get; }

    /// <summary>Opens it for one server.</summary>
    Task<ICatalogue> OpenAsync(TimeProvider clock);

    /// <summary>Digests that a statement selects, past the catalogue.</summary>
    Task<IReadOnlyList<Digest>> SelectAsync(string statement);

    /// <summary>Kills the database in the middle of its work, and starts it again.</summary>
    Task KillAsync();
}
