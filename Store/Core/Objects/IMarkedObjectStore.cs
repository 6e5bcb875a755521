namespace ChunkOta.Storage;

/// <summary>Objects with a mark: a short text that says which catalogue they belong to.</summary>
public interface IMarkedObjectStore : IPrunableObjectStore
{
    /// <summary>The path or the address of the objects, for their operator.</summary>
    string Location { get; }

    /// <summary>The mark; null when there is none. Only its first 64 characters are read.</summary>
    Task<string?> FindMarkAsync(CancellationToken cancellationToken = default);

    /// <summary>Replaces the mark. When it returns, the mark survives a power cut.</summary>
    /// <param name="mark">At most 64 ASCII characters.</param>
    Task PutMarkAsync(string mark, CancellationToken cancellationToken = default);
}
