namespace ChunkOta.Agent;

/// <summary>A request to install or upgrade one product.</summary>
public sealed record UpdateRequest
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The server; null for the one that the product was installed from.</summary>
    public string? Server { get; init; }

    /// <summary>The install token's text, for a product that this device is not enrolled for yet.</summary>
    public string? InstallToken { get; init; }

    /// <summary>The version; null for the channel's current one.</summary>
    public string? Version { get; init; }

    /// <summary>The channel; null for the one followed so far, or the token's.</summary>
    public string? Channel { get; init; }

    /// <summary>The platform, .NET RID spelling; null for the one installed, or this machine's.</summary>
    public string? Platform { get; init; }

    /// <summary>True to plan and install nothing. The device is enrolled all the same.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>The way unchanged files are taken over from an installed release; null for that of the product's
    /// policy.</summary>
    public LinkMode? Link { get; init; }

    /// <summary>True to hash every file of a release that is current already, instead of those that look changed by
    /// size, time and inode. Damage is repaired in either case.</summary>
    public bool VerifiesInFull { get; init; }

    /// <summary>Stops when the release is downloaded and complete, before it becomes current; null to go on. Nobody has
    /// to consent to a first release.</summary>
    public SwitchStop? StopBeforeSwitch { get; init; }

    /// <summary>The number of releases that stay installed, at least 2: the current one and the one before. Null for
    /// that of the product's policy.</summary>
    public int? Keep { get; init; }
}
