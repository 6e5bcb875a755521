using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>The answer of <c>verify --json</c>.</summary>
internal sealed record StoreVerifyReport
{
    /// <summary>Nothing is lost.</summary>
    public required bool IsIntact { get; init; }

    /// <summary>Every byte was read and hashed.</summary>
    public required bool Full { get; init; }

    /// <summary>Objects that were verified.</summary>
    public required ulong Objects { get; init; }

    /// <summary>Bytes that were read.</summary>
    public required ulong Bytes { get; init; }

    /// <summary>Damage that the catalogue's database found in itself; absent if it found none.</summary>
    public required string? CatalogueProblem { get; init; }

    /// <summary>Objects that are missing or damaged.</summary>
    public required IReadOnlyList<LostObjectLine> LostObjects { get; init; }

    /// <summary>Releases that cannot be delivered as a whole.</summary>
    public required IReadOnlyList<AffectedReleaseLine> Releases { get; init; }

    /// <summary>The error that decides the exit code; absent if nothing is lost.</summary>
    public ErrorReport? Error { get; init; }
}

/// <summary>An object that is missing or damaged.</summary>
internal sealed record LostObjectLine
{
    /// <summary>Its name in the store.</summary>
    public required string Name { get; init; }

    /// <summary>It is gone; else its bytes are not those that were stored.</summary>
    public required bool Missing { get; init; }

    /// <summary>Damaged frames of a pack; 0: the whole object.</summary>
    public required ulong Frames { get; init; }

    /// <summary>The chunks that it no longer delivers; 0 for manifests and recipes.</summary>
    public required ulong Chunks { get; init; }

    /// <summary>When it was found.</summary>
    public required long FoundUnixSeconds { get; init; }

    /// <summary>The fault, in a few words.</summary>
    public required string Detail { get; init; }

    /// <summary>The releases that need it, such as <c>app 1.2.0 (linux-x64)</c>.</summary>
    public required IReadOnlyList<string> Releases { get; init; }

    /// <summary>Devices that run one of them.</summary>
    public required ulong RunningDevices { get; init; }

    /// <summary>Devices of the channels in which one of them is current.</summary>
    public required ulong FollowingDevices { get; init; }
}

/// <summary>A release that cannot be delivered as a whole.</summary>
internal sealed record AffectedReleaseLine
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform, such as <c>linux-x64</c>, or <c>any</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>The channels in which it is current.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>Its manifest is lost: nothing of it can be delivered.</summary>
    public required bool LacksManifest { get; init; }

    /// <summary>Files that cannot be delivered; 0 if the manifest is lost.</summary>
    public required ulong Files { get; init; }

    /// <summary>The path of one of them; absent if there is none.</summary>
    public required string? FirstPath { get; init; }

    /// <summary>Devices that run it: they cannot be repaired.</summary>
    public required ulong RunningDevices { get; init; }

    /// <summary>Devices of the channels in which it is current: they cannot install it.</summary>
    public required ulong FollowingDevices { get; init; }
}
