namespace ChunkOta.Storage;

/// <summary>The state that <see cref="LeaseRules"/> reads and changes in one transaction.</summary>
public interface ILeaseTransaction : ICatalogueLookup
{
    /// <summary>The domain of a product that exists.</summary>
    DedupDomain GetDomain(string product);

    /// <summary>The lease of a publish, ended or not; null when there is none.</summary>
    PublishLease? FindLease(Guid publish);

    /// <summary>Removes the leases that ended at a time or before it.</summary>
    /// <param name="endedAt">The time.</param>
    /// <param name="abandonedAt">The same for publishes that brought bytes which no release counts: earlier.</param>
    void RemoveLeases(DateTimeOffset endedAt, DateTimeOffset abandonedAt);

    /// <summary>Adds a lease. Its product is registered.</summary>
    void AddLease(PublishLease lease);
}
