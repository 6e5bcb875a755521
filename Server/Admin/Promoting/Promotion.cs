using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>A release that is to be current in a channel, for one platform or all of its version.</summary>
internal sealed record PromotionGoal
{
    public required string Product { get; init; }

    public required string Version { get; init; }

    /// <summary>The platform; null for all platforms of the version.</summary>
    public string? Platform { get; init; }

    public required string Channel { get; init; }

    public required string KeysDirectory { get; init; }

    /// <summary>The version need not be greater than the channel's current one.</summary>
    public bool AllowsOlder { get; init; }

    /// <summary>The channel may be one that the product does not have.</summary>
    public bool CreatesChannel { get; init; }

    public TimeSpan PointerLife { get; init; } = PointerDocuments.DefaultLife;

    /// <summary>The command that promotes it.</summary>
    public string Command => $"ota-admin promote {Product} {Version} --to {Channel}"
        + (Platform is null ? "" : $" --platform {Platform}") + $" --keys {KeysDirectory}"
        + (CreatesChannel ? " --create-channel" : "");

    /// <summary>Checks the names.</summary>
    /// <exception cref="ChunkOtaException"><c>NAME_INVALID</c>, <c>VERSION_INVALID</c>.</exception>
    public void Check()
    {
        Names.CheckProduct(Product);
        ReleaseVersion.Parse(Version);
        if (Platform is not null)
            Names.CheckPlatform(Platform);
        Names.CheckChannel(Channel);
    }
}

/// <summary>Moves a channel to a release, for all of its platforms in one transaction.</summary>
internal sealed class Promotion(Session session, PromotionGoal goal, PublisherKeys keys, TimeProvider clock)
{
    private readonly PointerSigner _signer = new(keys, clock, goal.PointerLife);

    /// <summary>Queues the deltas that the channel's devices need, and waits until they are built.</summary>
    /// <exception cref="ChunkOtaException"><c>TIMED_OUT</c>, <c>CONFIG_INVALID</c>: nothing was moved.</exception>
    public async Task<ListDeltasResponse> WaitAsync(
        TimeSpan limit, IPublishProgress progress, CancellationToken cancellationToken)
    {
        var request = new PrepareDeltasRequest
        {
            Product = goal.Product,
            Version = goal.Version,
            Platform = goal.Platform ?? "",
            Channel = goal.Channel,
        };
        return await new DeltaWait(clock, progress).RunAsync(
            async () => await session.Administration.PrepareDeltasAsync(
                request, cancellationToken: cancellationToken),
            limit, mustBuild: true,
            $"{goal.Product} {goal.Version} is stored, but channel {goal.Channel} was not moved",
            $"{goal.Command} --wait-deltas", cancellationToken);
    }

    /// <summary>Moves the channel. A platform whose channel names the release already is left as it is.</summary>
    /// <exception cref="ChunkOtaException"><c>VERSION_UNKNOWN</c>, <c>VERSION_NOT_GREATER</c>, <c>COUNTER_LOWER</c>,
    /// <c>REVOKED</c>, or what the server refused: nothing was moved.</exception>
    public async Task<IReadOnlyList<PromotedPlatform>> RunAsync(CancellationToken cancellationToken)
    {
        var releases = await ReadReleasesAsync(cancellationToken);
        return await new PointerExchange(session, goal.Product, keys, clock).RunAsync(
            histories => Move(releases, histories), cancellationToken);
    }

    private (PutPointersRequest Request, IReadOnlyList<PromotedPlatform> Platforms) Move(
        List<VerifiedManifest> releases, PointerHistories histories)
    {
        var moves = releases.ConvertAll(release => Move(release, histories.Of(release.Head.Platform)));
        var request = new PutPointersRequest
        {
            Pointers = { moves.Where(move => move.IsNew).Select(move => move.Pointer.Envelope) },
            CreateChannel = goal.CreatesChannel,
        };
        return (request, moves.ConvertAll(move => Report(move.Pointer, move.IsNew)));
    }

    private async Task<List<VerifiedManifest>> ReadReleasesAsync(CancellationToken cancellationToken)
    {
        List<VerifiedManifest> releases = [];
        await foreach (var release in PublishedReleases.ListAsync(
            session,
            new ListReleasesRequest { Product = goal.Product, Version = goal.Version, Platform = goal.Platform ?? "" },
            cancellationToken))
        {
            releases.Add(await ReleaseReading.ReadAsync(session, release, keys.Root, cancellationToken));
        }

        return releases.Count > 0
            ? releases
            : throw new ChunkOtaException(
                ErrorCodes.VersionUnknown,
                $"unknown version of {goal.Product}{(goal.Platform is null ? "" : $" for {goal.Platform}")}: "
                + $"{goal.Version}: publish it first");
    }

    private (VerifiedPointer Pointer, bool IsNew) Move(VerifiedManifest release, PointerHistory history)
    {
        var last = history.Find(goal.Channel);
        if (history.Live.TryGetValue(goal.Channel, out var live) && live.Expires > clock.GetUtcNow()
            && live.Value.Current.ManifestDigest == release.Digest.ToByteString()
            && keys.Vouches(root => VerifiedPointer.Verify(live.Envelope, root)))
            return (live, false);
        GoingBack.Check(last, release, goal.Channel, goal.KeysDirectory);
        if (!goal.AllowsOlder && last is not null
            && ReleaseVersion.Parse(last.Value.Current.Version) is var current && current > release.Version)
        {
            throw new ChunkOtaException(
                ErrorCodes.VersionNotGreater,
                $"channel {goal.Channel} of {goal.Product} for {release.Head.Platform} was not moved: "
                + $"{release.Version} is not greater than {current}: promote a greater version, or allow older ones");
        }

        return (_signer.Promote(history, goal.Channel, release), true);
    }

    private static PromotedPlatform Report(VerifiedPointer pointer, bool isNew) => new(
        pointer.Value.Platform, pointer.Value.Current.Counter, pointer.Value.Seq, pointer.Value.ExpiresUnixSeconds,
        !isNew);
}
