namespace ChunkOta.Storage;

/// <summary>A manifest that a reindex left out.</summary>
/// <param name="Manifest">The object.</param>
/// <param name="Release">Product, version and platform as the manifest names them; empty if it cannot be read.</param>
/// <param name="Why">The reason.</param>
public sealed record LeftOutRelease(ObjectName Manifest, string Release, string Why);

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

    /// <summary>Releases; none is current in a channel.</summary>
    public long Releases { get; init; }

    /// <summary>Packs and recipes that are damaged, and were left out.</summary>
    public IReadOnlyList<ObjectName> Damaged { get; init; } = [];

    /// <summary>Manifests that were left out.</summary>
    public IReadOnlyList<LeftOutRelease> LeftOut { get; init; } = [];
}
