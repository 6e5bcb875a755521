namespace ChunkOta.Storage;

/// <summary>The restores by which the catalogue went back in time. Any number of callers at once.</summary>
/// <remarks>A restored catalogue has forgotten numbers that devices have seen. It goes on from the time of the restore
/// in Unix seconds, which exceeds them all: a number grows by one with each signature, and so never overtakes the
/// clock. A clock that was ahead once, or is behind now, does not break this: it also leaves every number behind that
/// the catalogue or a newer backup of it knows, up to <see cref="MaxLeftBehind"/> (docs/adr/0041).</remarks>
public interface IRestoreCatalogue
{
    /// <summary>The distance that a restore leaves to the highest number that is known: more than is signed between a
    /// backup and the loss of its server.</summary>
    const long Distance = 1_000_000;

    /// <summary>The highest number of a publisher that a restore leaves behind: in Unix seconds the year
    /// 2128.</summary>
    /// <remarks>All publishers of a server go on from one number, and accept only a bounded jump. Without this limit,
    /// one of them could sign ever higher numbers until the others refuse to follow the next restore. A product and
    /// platform beyond the limit goes on from the numbers of its own that the backup has.</remarks>
    const long MaxLeftBehind = 5_000_000_000;

    /// <summary>Records that the catalogue was restored now. The backup that made this copy runs no more.</summary>
    /// <param name="taken">The moment that the backup showed.</param>
    /// <param name="highest">The highest number that any backup of the catalogue has; 0 for none.</param>
    Task AddAsync(DateTimeOffset taken, long highest = 0, CancellationToken cancellationToken = default);

    /// <summary>The highest number that was given out, at most <see cref="MaxLeftBehind"/>, or the one that an earlier
    /// restore went on from if that is higher; 0 for none.</summary>
    ValueTask<long> ReadHighestAsync(CancellationToken cancellationToken = default);

    /// <summary>The last restore; null when there was none.</summary>
    ValueTask<RestoreRecord?> FindLastAsync(CancellationToken cancellationToken = default);

    /// <summary>The channels that have not gone on since the catalogue was restored: their pointer, or the release that
    /// is current in them, is older.</summary>
    ValueTask<IReadOnlyList<BehindChannel>> ListBehindAsync(CancellationToken cancellationToken = default);
}

/// <summary>A restore.</summary>
/// <param name="Taken">The moment that the backup showed.</param>
/// <param name="Restored">When it was restored.</param>
/// <param name="LeastNumber">The lowest counter and seq that may follow, after all restores.</param>
public sealed record RestoreRecord(DateTimeOffset Taken, DateTimeOffset Restored, ulong LeastNumber);

/// <summary>A channel whose devices may have seen more than a restored catalogue knows.</summary>
/// <param name="Product">The product.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Channel">The channel's name.</param>
public readonly record struct BehindChannel(string Product, string Platform, string Channel);
