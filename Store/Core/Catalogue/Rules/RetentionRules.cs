namespace ChunkOta.Storage;

/// <summary>Reasons to keep a release.</summary>
public enum KeepReason
{
    /// <summary>A channel points to it.</summary>
    Channel,

    /// <summary>It is the newest of its product and platform: the next publish continues its counter.</summary>
    Newest,

    /// <summary>It is an anchor.</summary>
    Anchor,

    /// <summary>Devices run it.</summary>
    Devices,

    /// <summary>It is held: it was never current in a channel.</summary>
    Held,

    /// <summary>It is among the releases that a channel keeps.</summary>
    Retention,
}

/// <summary>A release and the reasons to keep it.</summary>
/// <param name="Release">The release.</param>
/// <param name="Reasons">In the order of <see cref="KeepReason"/>; empty: it may go.</param>
public sealed record RetainedRelease(ReleaseUse Release, IReadOnlyList<KeepReason> Reasons);

/// <summary>The rules about which releases are kept. Pure.</summary>
public static class RetentionRules
{
    /// <summary>Finds the reasons to keep each visible release of a product.</summary>
    /// <param name="releases">All releases of the product, deleted or not.</param>
    /// <param name="policies">Its policies: a channel without one keeps every release that was ever current in
    /// it.</param>
    public static IReadOnlyList<RetainedRelease> Judge(
        IReadOnlyList<ReleaseUse> releases, IReadOnlyList<RetentionPolicy> policies)
    {
        ArgumentNullException.ThrowIfNull(releases);
        ArgumentNullException.ThrowIfNull(policies);
        var keepOf = policies.ToDictionary(policy => policy.Channel, policy => policy.Keep);
        var visible = releases.Where(release => release.Deleted is null)
            .OrderByDescending(release => release.Counter).ToList();
        Dictionary<(string Platform, string Channel), int> seen = [];
        List<RetainedRelease> judged = new(visible.Count);
        foreach (var release in visible)
        {
            var isRetained = false;
            foreach (var channel in release.History)
            {
                var rank = seen[(release.Platform, channel)] =
                    seen.GetValueOrDefault((release.Platform, channel)) + 1;
                isRetained |= !keepOf.TryGetValue(channel, out var keep) || rank <= keep;
            }

            judged.Add(new RetainedRelease(release, [.. ReasonsOf(release, isRetained)]));
        }

        return judged;
    }

    /// <summary>Refuses to delete a release that a channel points to, the newest one of its platform, and an anchor;
    /// unless it is forced, also one that devices run and one that is held.</summary>
    /// <exception cref="ChunkOtaException"><c>IN_USE</c>.</exception>
    public static void CheckDeletion(ReleaseUse release, bool isForced)
    {
        ArgumentNullException.ThrowIfNull(release);
        var refusal = release switch
        {
            { Channels: [_, ..] } =>
                $"channel {string.Join(", ", release.Channels)} points to it: promote another release first",
            { IsNewest: true } =>
                $"it is the newest for {release.Platform}, and the next publish continues its counter: publish "
                + "another release first",
            { IsAnchor: true } => "it is an anchor: remove the anchor first",
            { Devices: > 0 } when !isForced => $"{Describe(release.Devices)} it: upgrade them first, or force it",
            { History: [] } when !isForced => "it is held and was never current in a channel: force it",
            _ => null,
        };
        if (refusal is not null)
        {
            throw new ChunkOtaException(
                ErrorCodes.InUse, $"{release.Product} {release.Version} was not deleted: {refusal}");
        }
    }

    private static string Describe(long devices) => devices == 1 ? "1 device runs" : $"{devices} devices run";

    private static IEnumerable<KeepReason> ReasonsOf(ReleaseUse release, bool isRetained)
    {
        if (release.Channels.Count > 0) yield return KeepReason.Channel;
        if (release.IsNewest) yield return KeepReason.Newest;
        if (release.IsAnchor) yield return KeepReason.Anchor;
        if (release.Devices > 0) yield return KeepReason.Devices;
        if (release.History.Count == 0) yield return KeepReason.Held;
        if (isRetained) yield return KeepReason.Retention;
    }
}
