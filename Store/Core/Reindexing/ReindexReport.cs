namespace ChunkOta.Storage;

/// <summary>An object that a reindex left out.</summary>
/// <param name="Name">The object: a manifest, or the pointer of a channel.</param>
/// <param name="Of">The release or the channel, as the object names it; empty if it cannot be read.</param>
/// <param name="Why">The reason.</param>
public sealed record LeftOutObject(ObjectName Name, string Of, string Why);

/// <summary>A channel that a reindex has brought back.</summary>
/// <param name="Product">The product.</param>
/// <param name="Platform">The platform.</param>
/// <param name="Name">Its name.</param>
/// <param name="Seq">The number of its pointer, which goes on from there.</param>
/// <param name="Version">The version that is current.</param>
/// <param name="Expires">The end of the pointer's validity.</param>
public sealed record RestoredChannel(
    string Product, string Platform, string Name, ulong Seq, string Version, DateTimeOffset Expires);

/// <summary>The catalogue that a reindex has built.</summary>
public sealed record ReindexReport
{
    /// <summary>Packs whose contents were listed.</summary>
    public long Packs { get; init; }

    /// <summary>Distinct chunks of these packs.</summary>
    public long Chunks { get; init; }

    /// <summary>Recipes.</summary>
    public long Recipes { get; init; }

    /// <summary>Products.</summary>
    public long Products { get; init; }

    /// <summary>Releases; those that are current in no channel are held.</summary>
    public long Releases { get; init; }

    /// <summary>Channels, by product, platform and name.</summary>
    public IReadOnlyList<RestoredChannel> Channels { get; init; } = [];

    /// <summary>Packs, recipes and documents that are damaged, and were left out.</summary>
    public IReadOnlyList<ObjectName> Damaged { get; init; } = [];

    /// <summary>Manifests and pointers that were left out.</summary>
    public IReadOnlyList<LeftOutObject> LeftOut { get; init; } = [];
}
