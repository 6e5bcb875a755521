using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Model.Backends;

/// <summary>A place for objects for the model test; what is opened again has what was there before.</summary>
internal interface IModelObjects : IAsyncDisposable
{
    /// <summary>The objects as they are, without faults on the way to them.</summary>
    IObjectReader Truth { get; }

    /// <summary>Opens it for one server.</summary>
    Task<IPrunableObjectStore> OpenAsync();

    /// <summary>Ends all faults for good; what was under way has arrived.</summary>
    Task CalmAsync();
}
