namespace ChunkOta.Storage;

/// <summary>The restores by which the catalogue went back in time. Any number of callers at once.</summary>
/// <remarks>A restored catalogue has forgotten numbers that devices have seen. It goes on from the time of the restore
/// in Unix seconds, which exceeds them all: a number grows by one with each signature, and so never overtakes the
/// clock (docs/adr/0041).</remarks>
public interface IRestoreCatalogue
{
    /// <summary>Records that the catalogue was restored now.</summary>
    /// <param name="taken">The moment that the backup showed.</param>
    Task AddAsync(DateTimeOffset taken, CancellationToken cancellationToken = default);

    /// <summary>The last restore; null when there was none.</summary>
    ValueTask<RestoreRecord?> FindLastAsync(CancellationToken cancellationToken = default);

    /// <summary>The products and platforms for which nothing was published since the last restore.</summary>
    ValueTask<IReadOnlyList<(string Product, string Platform)>> ListBehindAsync(
        CancellationToken cancellationToken = default);
}

/// <summary>A restore.</summary>
/// <param name="Taken">The moment that the backup showed.</param>
/// <param name="Restored">When it was restored.</param>
/// <param name="LeastNumber">The lowest counter and seq that may follow.</param>
public sealed record RestoreRecord(DateTimeOffset Taken, DateTimeOffset Restored, ulong LeastNumber);
