namespace ChunkOta.Storage;

/// <summary>A publish that is under way.</summary>
/// <remarks>While it lives, nothing that is in the store may be collected (docs/adr/0003): one row pins
/// everything.</remarks>
/// <param name="Id">Its name, random: who knows it may go on with it, beside holding the token.</param>
/// <param name="Product">The product's name.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Version">The version that is to be published.</param>
/// <param name="Channel">The channel whose pointer is to move.</param>
/// <param name="AllowsOlder">The version need not exceed the channel's others.</param>
/// <param name="Expires">When the lease ends unless it is renewed.</param>
public sealed record PublishLease(
    Guid Id, string Product, string Platform, string Version, string Channel, bool AllowsOlder, DateTimeOffset Expires);

/// <summary>The publishes that are under way. Any number of callers at once.</summary>
public interface IPublishLeases
{
    /// <summary>How long a lease lives after the last call that bears its publish.</summary>
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>Opens a publish; leases that have ended are forgotten on the way.</summary>
    /// <exception cref="CatalogueRefusedException"><c>PRODUCT_UNKNOWN</c>.</exception>
    Task<PublishLease> BeginAsync(
        string product,
        string platform,
        string version,
        string channel,
        bool allowsOlder,
        CancellationToken cancellationToken = default);

    /// <summary>Finds a publish that is alive and renews its lease: call it first in every call that bears
    /// one.</summary>
    /// <remarks>The row is written at most once a minute.</remarks>
    /// <exception cref="CatalogueRefusedException"><c>PUBLISH_UNKNOWN</c>: never begun, or its lease has
    /// ended.</exception>
    Task<PublishLease> RenewAsync(Guid publish, CancellationToken cancellationToken = default);

    /// <summary>The publishes that are alive.</summary>
    ValueTask<IReadOnlyList<PublishLease>> ListAsync(CancellationToken cancellationToken = default);
}
