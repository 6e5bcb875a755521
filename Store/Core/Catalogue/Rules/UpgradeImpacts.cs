using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Consequences of purging releases for the devices that run them.</summary>
public enum UpgradeImpact
{
    /// <summary>Their release stays, or a delta leads from it to the current one.</summary>
    Unaffected,

    /// <summary>They download chunks instead of a delta.</summary>
    Chunks,

    /// <summary>Their channel has no release for them, so that they stay on what they run.</summary>
    Stranded,
}

/// <summary>Devices and what a collection means for their next upgrade.</summary>
/// <param name="Devices">The devices.</param>
/// <param name="Impact">The consequence.</param>
public readonly record struct ImpactedDevices(DeviceGroup Devices, UpgradeImpact Impact);

/// <summary>Finds what the purge of releases means for devices. Pure.</summary>
internal static class UpgradeImpacts
{
    private const string AnyPlatform = "any";

    /// <summary>Judges each group of devices.</summary>
    /// <param name="groups">The devices of a product.</param>
    /// <param name="going">The manifests of the releases that go.</param>
    /// <param name="channels">The product's channels.</param>
    /// <param name="deltas">The pairs that a delta is stored for.</param>
    public static IReadOnlyList<ImpactedDevices> Judge(
        IReadOnlyList<DeviceGroup> groups, IReadOnlySet<Digest> going, IReadOnlyList<ChannelRecord> channels,
        IReadOnlySet<DeltaPair> deltas)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(going);
        ArgumentNullException.ThrowIfNull(channels);
        ArgumentNullException.ThrowIfNull(deltas);
        var current = channels.ToDictionary(channel => (channel.Platform, channel.Name), channel => channel.Current);
        return [.. groups.Select(group => new ImpactedDevices(group, Judge(group)))];

        UpgradeImpact Judge(DeviceGroup group)
        {
            if (group.Running is not { } running || !going.Contains(running)) return UpgradeImpact.Unaffected;
            if (!current.TryGetValue((group.Platform, group.Channel), out var goal)
                && !current.TryGetValue((AnyPlatform, group.Channel), out goal))
                return UpgradeImpact.Stranded;
            return deltas.Contains(new DeltaPair(running, goal)) ? UpgradeImpact.Unaffected : UpgradeImpact.Chunks;
        }
    }
}
