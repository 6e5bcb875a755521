using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>The answer of <c>channels --json</c>.</summary>
/// <param name="Channels">The channels.</param>
/// <param name="Warnings">What is due or has expired.</param>
internal sealed record ChannelList(IReadOnlyList<ChannelLine> Channels, IReadOnlyList<string> Warnings);

/// <summary>A channel and what its pointer says.</summary>
internal sealed record ChannelLine
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform, such as <c>linux-x64</c>, or <c>any</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel.</summary>
    public required string Channel { get; init; }

    /// <summary>The version that is current.</summary>
    public required string Version { get; init; }

    /// <summary>The number of the release within its product and platform.</summary>
    public required ulong Counter { get; init; }

    /// <summary>The number of the pointer; it grows with every signing.</summary>
    public required ulong Seq { get; init; }

    /// <summary>When the pointer was signed.</summary>
    public required long IssuedUnixSeconds { get; init; }

    /// <summary>The moment until which devices may act on the pointer.</summary>
    public required long ExpiresUnixSeconds { get; init; }

    /// <summary>The digest of the manifest of the current release.</summary>
    public required string ManifestDigest { get; init; }

    /// <summary>The digests of the manifests that the pointer withdraws.</summary>
    public required IReadOnlyList<string> Withdrawn { get; init; }

    /// <summary>The signatures were verified by the trust root of <c>--root</c>.</summary>
    public required bool Verified { get; init; }
}

/// <summary>The answer of <c>channels renew --json</c>.</summary>
internal sealed record RenewedChannel
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel.</summary>
    public required string Channel { get; init; }

    /// <summary>The version that is current.</summary>
    public required string Version { get; init; }

    /// <summary>The number of the new pointer.</summary>
    public required ulong Seq { get; init; }

    /// <summary>The moment until which devices may act on it.</summary>
    public required long ExpiresUnixSeconds { get; init; }

    /// <summary>The platform's other channels that were renewed, too, since <c>--removed-key</c> was given.</summary>
    public required IReadOnlyList<string> AlsoRenewed { get; init; }

    /// <summary>The digests of the manifests that <c>--removed-key drop</c> reinstated.</summary>
    public required IReadOnlyList<string> Reinstated { get; init; }

    /// <summary>Documents that are due, a clock that is wrong, and what a removed key has signed.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>The answer of <c>channels delete --json</c>.</summary>
/// <param name="Product">The product.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Platforms">The platforms that it was deleted for.</param>
/// <param name="Devices">The number of devices that follow it.</param>
internal sealed record DroppedChannel(string Product, string Channel, IReadOnlyList<string> Platforms, ulong Devices);

/// <summary>The answer of <c>channels keep --json</c>.</summary>
/// <param name="Product">The product.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Keep">The number of its newest releases that it keeps, for each platform; absent if it keeps
/// all.</param>
internal sealed record ChannelRetention(string Product, string Channel, uint? Keep);

/// <summary>The answer of <c>withdraw --json</c>.</summary>
/// <param name="Product">The product.</param>
/// <param name="Version">The version.</param>
/// <param name="Reason">The text of <c>--reason</c>.</param>
/// <param name="Platforms">Each platform of the release.</param>
/// <param name="Warnings">Documents that are due, and a clock that is wrong.</param>
internal sealed record WithdrawalReport(
    string Product, string Version, string Reason, IReadOnlyList<WithdrawnPlatform> Platforms,
    IReadOnlyList<string> Warnings);

/// <summary>A platform of a release that is withdrawn.</summary>
/// <param name="Platform">The platform.</param>
/// <param name="Channels">The channels whose pointers withdraw it.</param>
/// <param name="AlreadyWithdrawn">It was withdrawn before.</param>
internal sealed record WithdrawnPlatform(string Platform, IReadOnlyList<string> Channels, bool AlreadyWithdrawn);

/// <summary>The answer of <c>reinstate --json</c>.</summary>
/// <param name="Product">The product.</param>
/// <param name="Platforms">Each platform of the releases.</param>
/// <param name="Warnings">Documents that are due, and a clock that is wrong.</param>
internal sealed record ReinstatementReport(
    string Product, IReadOnlyList<ReinstatedPlatform> Platforms, IReadOnlyList<string> Warnings);

/// <summary>A platform on which releases are not withdrawn any more.</summary>
/// <param name="Platform">The platform.</param>
/// <param name="Manifests">The digests of the manifests.</param>
/// <param name="Channels">The channels whose pointers do not withdraw them any more.</param>
/// <param name="WasWithdrawn">False: none of them was withdrawn, and nothing changed.</param>
internal sealed record ReinstatedPlatform(
    string Platform, IReadOnlyList<string> Manifests, IReadOnlyList<string> Channels, bool WasWithdrawn);

/// <summary>The answer of <c>promote --json</c> and <c>rerelease --json</c>.</summary>
internal sealed record PromotionReport
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>The channel.</summary>
    public required string Channel { get; init; }

    /// <summary>The release whose content it has; only for <c>rerelease</c>.</summary>
    public string? ContentOf { get; init; }

    /// <summary>Each platform of the release.</summary>
    public required IReadOnlyList<PromotedPlatform> Platforms { get; init; }

    /// <summary>The deltas that were waited for; only with <c>--wait-deltas</c>.</summary>
    public WaitedDeltas? Deltas { get; init; }

    /// <summary>Documents that are due, and a clock that is wrong.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>A platform of a release that is current in a channel.</summary>
/// <param name="Platform">The platform.</param>
/// <param name="Counter">The release's counter.</param>
/// <param name="Seq">The number of the channel's pointer.</param>
/// <param name="ExpiresUnixSeconds">Until when the pointer is good.</param>
/// <param name="AlreadyCurrent">The channel named the release before.</param>
internal sealed record PromotedPlatform(
    string Platform, ulong Counter, ulong Seq, long ExpiresUnixSeconds, bool AlreadyCurrent);

/// <summary>The deltas that were waited for.</summary>
/// <param name="Stored">Deltas that devices can download.</param>
/// <param name="NotStored">Deltas that would save nothing.</param>
/// <param name="Failed">Deltas that could not be built; devices download chunks instead.</param>
internal sealed record WaitedDeltas(int Stored, int NotStored, int Failed)
{
    /// <summary>Counts the deltas at the end of a wait.</summary>
    public static WaitedDeltas Of(ListDeltasResponse deltas)
    {
        var pairs = deltas.Built.GroupBy(delta => (delta.Platform, delta.FromVersion, delta.ToVersion)).ToList();
        var stored = pairs.Count(pair => pair.Any(delta => !delta.Digest.IsEmpty));
        return new WaitedDeltas(stored, pairs.Count - stored, deltas.Queued.Count);
    }
}
