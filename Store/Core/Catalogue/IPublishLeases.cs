namespace ChunkOta.Storage;

/// <summary>The publishes that are under way. Any number of callers at once.</summary>
public interface IPublishLeases
{
    /// <summary>The life of a lease after the last call of its publish.</summary>
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>Begins a publish, and forgets leases that have ended.</summary>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>, and as <see cref="GuardRules"/>.</exception>
    Task<PublishLease> BeginAsync(NewPublish publish, CancellationToken cancellationToken = default);

    /// <summary>Finds a live publish and renews its lease: every call of a publish begins with this.</summary>
    /// <remarks>The row is written at most once a minute.</remarks>
    /// <exception cref="ChunkOtaException"><c>PUBLISH_UNKNOWN</c>: it was never begun, or its lease has
    /// ended.</exception>
    Task<PublishLease> RenewAsync(Guid publish, CancellationToken cancellationToken = default);

    /// <summary>Refuses bytes that would take a product above its quota: ask before they are stored.</summary>
    /// <param name="product">The product's name; one that is unknown has no quota.</param>
    /// <param name="moreBytes">The bytes that are to be stored.</param>
    /// <exception cref="ChunkOtaException"><c>QUOTA_EXCEEDED</c>.</exception>
    ValueTask CheckQuotaAsync(string product, long moreBytes, CancellationToken cancellationToken = default);

    /// <summary>The live publishes.</summary>
    ValueTask<IReadOnlyList<PublishLease>> ListAsync(CancellationToken cancellationToken = default);
}

/// <summary>A publish that is to begin.</summary>
public sealed record NewPublish
{
    /// <summary>The product's name.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The version that is to be published.</summary>
    public required string Version { get; init; }

    /// <summary>The channel whose pointer is to move.</summary>
    public required string Channel { get; init; }

    /// <summary>The checks that the publisher lifts.</summary>
    public Allowances Allowances { get; init; }

    /// <summary>The size of the tree, if the publisher states it; the commit checks the real one.</summary>
    public ReleaseSize? Planned { get; init; }
}

/// <summary>A publish that is under way.</summary>
/// <remarks>While its lease lives, nothing that its publish may have found is collected (docs/adr/0040).</remarks>
public sealed record PublishLease
{
    /// <summary>Its random name: a caller needs both this and the token to continue the publish.</summary>
    public required Guid Id { get; init; }

    /// <summary>The product's name.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The version that is being published.</summary>
    public required string Version { get; init; }

    /// <summary>The channel whose pointer is to move.</summary>
    public required string Channel { get; init; }

    /// <summary>The checks that the publisher lifted.</summary>
    public required Allowances Allowances { get; init; }

    /// <summary>The time the lease ends unless it is renewed.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The domain of the product.</summary>
    public required DedupDomain Domain { get; init; }
}
