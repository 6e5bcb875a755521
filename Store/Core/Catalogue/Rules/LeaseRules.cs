namespace ChunkOta.Storage;

/// <summary>The rules by which a publish begins and stays alive.</summary>
public static class LeaseRules
{
    /// <summary>A shorter extension is not worth a sync of the disk.</summary>
    private static readonly TimeSpan LeastExtension = TimeSpan.FromMinutes(1);

    /// <summary>Begins a publish.</summary>
    /// <param name="transaction">The state.</param>
    /// <param name="publish">The publish.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>, and as <see cref="GuardRules"/>.</exception>
    public static PublishLease Begin(ILeaseTransaction transaction, NewPublish publish, DateTimeOffset now)
    {
        transaction.RemoveLeases(now, now - QuotaRules.AbandonedFor);
        ExistenceRules.CheckProduct(transaction, publish.Product);
        GuardRules.CheckNotBehind(transaction, publish.Product, publish.Platform, publish.Allowances);
        GuardRules.CheckPlatform(transaction, publish.Product, publish.Platform, publish.Allowances);
        GuardRules.CheckChannel(transaction, publish.Product, publish.Channel, publish.Allowances);
        var begun = new PublishLease
        {
            Id = Guid.NewGuid(),
            Product = publish.Product,
            Platform = publish.Platform,
            Version = publish.Version,
            Channel = publish.Channel,
            Allowances = publish.Allowances,
            Expires = now + IPublishLeases.Lifetime,
            Domain = transaction.GetDomain(publish.Product),
        };
        if (publish.Planned is { } size)
            GuardRules.CheckSize(transaction, begun, size);
        transaction.AddLease(begun);
        return begun;
    }

    /// <summary>Accepts a lease that is alive.</summary>
    /// <param name="lease">The stored lease, if any.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ChunkOtaException"><c>PUBLISH_UNKNOWN</c>.</exception>
    public static PublishLease CheckAlive(PublishLease? lease, DateTimeOffset now) =>
        lease is not null && lease.Expires > now
            ? lease
            : throw new ChunkOtaException(
                ErrorCodes.PublishUnknown, "unknown publish: its lease may have ended; begin again");

    /// <summary>The new expiry of a lease that is alive; null when it is too close to the old one to be
    /// stored.</summary>
    public static DateTimeOffset? Extend(PublishLease lease, DateTimeOffset now)
    {
        var until = now + IPublishLeases.Lifetime;
        return until - lease.Expires < LeastExtension ? null : until;
    }
}
