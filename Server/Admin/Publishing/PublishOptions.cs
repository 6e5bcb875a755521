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

    /// <summary>The version's build metadata, for people; empty for none.</summary>
    public string Build { get; init; } = "";

    public required string Platform { get; init; }

    public required string Channel { get; init; }

    /// <summary>The publisher's keys, as <c>keys init</c> makes them.</summary>
    public required string KeysDirectory { get; init; }

    /// <summary>Patterns of what is left out, by the rules of gitignore.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>The most bytes to send in a second; null for no limit.</summary>
    public long? UploadLimit { get; init; }

    /// <summary>Links may point anywhere; they are stored verbatim.</summary>
    public bool KeepsLinks { get; init; }

    /// <summary>Patterns of the paths that the application may change, add or remove.</summary>
    public IReadOnlyList<string> Mutable { get; init; } = [];

    /// <summary>The paths must be fit for every operating system.</summary>
    public bool IsPortable { get; init; } = true;

    /// <summary>The version need not be greater than the channel's others.</summary>
    public bool AllowsOlder { get; init; }

    /// <summary>The tree may have no files.</summary>
    public bool AllowsEmpty { get; init; }

    /// <summary>The tree may have less than half the files or bytes of the channel's current release.</summary>
    public bool AllowsShrink { get; init; }

    /// <summary>The channel may be one that the product does not have.</summary>
    public bool CreatesChannel { get; init; }

    /// <summary>The platform may be one that the product has no release for.</summary>
    public bool AddsPlatform { get; init; }

    /// <summary>The server may have been restored from a backup: the release's numbers jump.</summary>
    public bool IsAfterRestore { get; init; }

    /// <summary>The release is stored and the channel stays where it is.</summary>
    public bool Holds { get; init; }

    /// <summary>The longest wait for the deltas that the channel's devices need; null: the channel moves at
    /// once.</summary>
    public TimeSpan? DeltaPatience { get; init; }

    /// <summary>For people.</summary>
    public string Notes { get; init; } = "";

    /// <summary>
    /// The lowest counter that a device may go back to once it has this release; 0 for the last release's.
    /// </summary>
    public ulong Floor { get; init; }

    public TimeSpan PointerLife { get; init; } = PointerDocuments.DefaultLife;

    /// <summary>Of zstd, 1 to 19.</summary>
    public int Level { get; init; } = 9;

    /// <summary>Nothing is published where the forecast is over one of these.</summary>
    public IReadOnlyList<ForecastLimit> Limits { get; init; } = [];

    /// <summary>The fleet that the forecast assumes; empty: the versions that devices report.</summary>
    public IReadOnlyList<FleetShare> Fleet { get; init; } = [];

    /// <summary>Only says what would be sent.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>The commit moves the channel.</summary>
    public bool MovesAtOnce => !Holds && DeltaPatience is null;

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
