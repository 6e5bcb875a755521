using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Publishing;

/// <summary>Leases of publishes that no catalogue knows.</summary>
internal static class Leases
{
    public static PublishLease Of(string product) => new()
    {
        Id = Guid.NewGuid(),
        Product = product,
        Platform = "any",
        Version = "1.0.0",
        Channel = "stable",
        Allowances = Allowances.None,
        Expires = DateTimeOffset.MaxValue,
        Domain = DedupDomain.Shared,
    };
}
