namespace ChunkOta.Storage;

/// <summary>Reads, stores and deletes immutable objects. Any number of callers at once.</summary>
public interface IPrunableObjectStore : IObjectStore
{
    /// <summary>Deletes an object that nothing refers to any more.</summary>
    /// <returns>False when there was none.</returns>
    Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken = default);
}
