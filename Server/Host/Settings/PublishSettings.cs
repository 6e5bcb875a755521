namespace ChunkOta.Server;

/// <summary>How releases are taken in.</summary>
internal sealed record PublishSettings
{
    /// <summary>Packs being filled at once, over all publishes: each holds about 16 MiB in memory.</summary>
    public int PacksAtOnce { get; init; } = 4;

    public IEnumerable<string> FindFaults() =>
    [
        .. Range.FindFault("Publish:PacksAtOnce", PacksAtOnce, 1, 64),
    ];
}
