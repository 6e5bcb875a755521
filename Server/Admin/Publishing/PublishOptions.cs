using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>The options of a publish.</summary>
internal sealed record PublishOptions
{
    /// <summary>The tree.</summary>
    public required string Directory { get; init; }

    public required string Product { get; init; }

    /// <summary>SemVer 2 without build metadata.</summary>
    public required string Version { get; init; }

    public required string Platform { get; init; }

    public required string Channel { get; init; }

    /// <summary>The publisher's keys, as <c>keys init</c> makes them.</summary>
    public required string KeysDirectory { get; init; }

    /// <summary>Links may point anywhere; they are stored verbatim.</summary>
    public bool KeepsLinks { get; init; }

    /// <summary>The paths must be fit for every operating system.</summary>
    public bool IsPortable { get; init; } = true;

    /// <summary>The version need not be greater than the channel's others.</summary>
    public bool AllowsOlder { get; init; }

    /// <summary>For people.</summary>
    public string Notes { get; init; } = "";

    /// <summary>
    /// The lowest counter that a device may go back to once it has this release; 0 for the last release's.
    /// </summary>
    public ulong Floor { get; init; }

    public TimeSpan PointerLife { get; init; } = ReleaseDocuments.DefaultPointerLife;

    /// <summary>Of zstd, 1 to 19.</summary>
    public int Level { get; init; } = 9;

    /// <summary>Nothing is published where the forecast is over one of these.</summary>
    public IReadOnlyList<ForecastLimit> Limits { get; init; } = [];

    /// <summary>The fleet that the forecast assumes; empty: the versions that devices report.</summary>
    public IReadOnlyList<FleetShare> Fleet { get; init; } = [];

    /// <summary>Only says what would be sent.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Checks the names.</summary>
    /// <exception cref="ChunkOtaException"><c>NAME_INVALID</c>, <c>VERSION_INVALID</c>.</exception>
    public void Check()
    {
        Names.CheckProduct(Product);
        Names.CheckPlatform(Platform);
        Names.CheckChannel(Channel);
        ReleaseVersion.Parse(Version);
    }
}
