using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Limits and memory of a <see cref="Store"/>.</summary>
public sealed record StoreOptions
{
    /// <summary>The default of every option; a store needs a scratch folder as well.</summary>
    public static StoreOptions Default { get; } = new() { ScratchFolder = "" };

    /// <summary>The folder of scratch files, which have no name; it must exist.</summary>
    public required string ScratchFolder { get; init; }

    /// <summary>The largest manifest that a commit accepts.</summary>
    public ManifestLimits ManifestLimits { get; init; } = ManifestLimits.Default;

    /// <summary>The largest total size of a release's files, bytes.</summary>
    public long MaxReleaseBytes { get; init; } = 8L * 1024 * 1024 * 1024;

    /// <summary>Packs being filled at once, over all publishes: each holds about 16 MiB in memory.</summary>
    public int PacksAtOnce { get; init; } = 4;

    /// <summary>The most of them that one caller has; it waits for the next one while others go on.</summary>
    public int PacksPerCaller { get; init; } = 2;

    /// <summary>Memory for manifests, bytes; half as much again for manifests as they are sent.</summary>
    public long ManifestCacheBytes { get; init; } = 24L * 1024 * 1024;

    /// <summary>Memory for recipes, bytes.</summary>
    public long RecipeCacheBytes { get; init; } = 16L * 1024 * 1024;

    /// <summary>zstd level of frames that are gathered for one call, 1 to 19.</summary>
    public int GatherLevel { get; init; } = 3;

    /// <summary>zstd level of manifests as they are sent, 1 to 19.</summary>
    public int ManifestLevel { get; init; } = 9;

    /// <summary>Reads that all fetches together hold in memory beyond one each; about 512 KiB a read.</summary>
    public int ReadsAhead { get; init; } = 32;

    /// <summary>Bytes of all stored deltas; beyond it the least recently used are deleted.</summary>
    public long DeltaCacheBytes { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>Deltas being built at once: each takes up to 300 MiB of memory.</summary>
    public int DeltaBuildsAtOnce { get; init; } = 1;

    /// <summary>Bytes that a scrub reads a second, on average.</summary>
    public long ScrubBytesPerSecond { get; init; } = 32L * 1024 * 1024;

    /// <summary>A second copy of the objects, from which lost ones are fetched; null for none.</summary>
    public IObjectReader? Replica { get; init; }

    /// <summary>Confirmed before each collection; null for objects that no other catalogue can have.</summary>
    public ObjectBinding? Binding { get; init; }

    /// <summary>Periods and limits of collections.</summary>
    public CollectionOptions Collection { get; init; } = CollectionOptions.Default;

    /// <summary>The clock that expiries are checked against.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
