using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>Withdraws a version: signs pointers of all channels of its platforms that revoke it.</summary>
/// <param name="session">The connection.</param>
/// <param name="goal">The release; its channel is not used.</param>
/// <param name="keys">The publisher's keys.</param>
/// <param name="clock">The clock.</param>
internal sealed class Withdraw(Session session, WithdrawalGoal goal, PublisherKeys keys, TimeProvider clock)
{
    private readonly PointerSigner _signer = new(keys, clock, goal.PointerLife);

    /// <summary>Withdraws the version on all of its platforms, or on none. The same again is fine.</summary>
    /// <exception cref="ChunkOtaException"><c>VERSION_UNKNOWN</c>; <c>IN_USE</c>: it is current in a channel;
    /// <c>CHANNEL_UNKNOWN</c>: no channel can say that it is withdrawn.</exception>
    public async Task<IReadOnlyList<WithdrawnPlatform>> RunAsync(CancellationToken cancellationToken)
    {
        List<Release> all = [];
        await foreach (var release in PublishedReleases.ListAsync(
            session, new ListReleasesRequest { Product = goal.Product, Platform = goal.Platform ?? "" },
            cancellationToken))
            all.Add(release);
        List<VerifiedManifest> withdrawn = [];
        foreach (var release in all.Where(release => release.Version == goal.Version))
            withdrawn.Add(await ReleaseReading.ReadAsync(session, release, keys.Root, cancellationToken));
        if (withdrawn.Count == 0)
            throw new ChunkOtaException(
                ErrorCodes.VersionUnknown,
                $"unknown version of {goal.Product}: {goal.Version}: list the releases there are");
        return await new PointerExchange(session, goal.Product, keys, clock).RunAsync(
            histories => Sign(withdrawn, all, histories), cancellationToken);
    }

    private (PutPointersRequest Request, IReadOnlyList<WithdrawnPlatform> Platforms) Sign(
        List<VerifiedManifest> withdrawn, List<Release> all, PointerHistories histories)
    {
        var request = new PutPointersRequest { WithdrawalReason = goal.Reason };
        List<WithdrawnPlatform> platforms = [];
        foreach (var release in withdrawn)
        {
            var digest = release.Digest.ToByteString();
            var history = histories.Of(release.Head.Platform);
            CheckUnused(release, history, all);
            // Before it is called withdrawn: what a removed key withdrew, devices do not hear of.
            foreach (var channel in history.Live.Keys)
                PointerSigner.CheckDecided(history, channel, keys);
            var isNew = !history.Revoked.Contains(digest);
            if (isNew)
                request.Pointers.Add(_signer.Withdraw(history, digest).Select(pointer => pointer.Envelope));
            platforms.Add(new WithdrawnPlatform(
                release.Head.Platform, [.. history.Live.Keys.Order(StringComparer.Ordinal)], !isNew));
        }

        return (request, platforms);
    }

    /// <summary>Refuses a release that a channel points to: its devices would have nothing to go to.</summary>
    private void CheckUnused(VerifiedManifest release, PointerHistory history, List<Release> all)
    {
        var platform = release.Head.Platform;
        if (history.Live.Count == 0)
            throw new ChunkOtaException(
                ErrorCodes.ChannelUnknown,
                $"{goal.Product} {goal.Version} for {platform} was not withdrawn: no channel of that platform is there "
                + "to say so, and no device can install it");
        var digest = release.Digest.ToByteString();
        var use = history.Live.Values.FirstOrDefault(pointer => pointer.Value.Current.ManifestDigest == digest);
        if (use is null)
            return;
        throw new ChunkOtaException(
            ErrorCodes.InUse,
            $"{goal.Product} {goal.Version} for {platform} was not withdrawn: channel {use.Value.Channel} points to "
            + "it: move the channel to another release first")
        {
            Hint = FindWayOut(release, history, [.. all.Where(other => other.Platform == platform)], use.Value.Channel),
        };
    }

    /// <summary>The command that moves the channel away: to a newer release, else to the content of the last good
    /// one.</summary>
    private string FindWayOut(VerifiedManifest release, PointerHistory history, List<Release> line, string channel)
    {
        var revoked = history.Revoked.ToHashSet();
        var good = line
            .Where(other => other.Counter != release.Head.Counter && !revoked.Contains(other.Manifest.Digest))
            .OrderByDescending(other => other.Counter).ToList();
        var rest = $"--to {channel} --platform {release.Head.Platform} --keys {goal.KeysDirectory}";
        if (good is not [var newest, ..])
            return $"ota-admin publish a fixed release to {channel}";
        return newest.Counter > release.Head.Counter
            ? $"ota-admin promote {goal.Product} {newest.Version} {rest}"
            : $"ota-admin rerelease {goal.Product} {newest.Version} --as {GoingBack.After(goal.Version)} {rest}";
    }
}

/// <summary>A version that is to be withdrawn.</summary>
internal sealed record WithdrawalGoal
{
    public required string Product { get; init; }

    public required string Version { get; init; }

    /// <summary>The platform; null for all platforms of the version.</summary>
    public string? Platform { get; init; }

    /// <summary>For people; kept by the server, signed by nobody.</summary>
    public required string Reason { get; init; }

    public required string KeysDirectory { get; init; }

    public TimeSpan PointerLife { get; init; } = PointerDocuments.DefaultLife;

    /// <summary>Checks the names.</summary>
    /// <exception cref="ChunkOtaException"><c>NAME_INVALID</c>, <c>VERSION_INVALID</c>, <c>USAGE</c>.</exception>
    public void Check()
    {
        const int MaxReasonCharacters = 500;
        Names.CheckProduct(Product);
        ReleaseVersion.Parse(Version);
        if (Platform is not null)
            Names.CheckPlatform(Platform);
        if (Reason.Length is 0 or > MaxReasonCharacters)
            throw new ChunkOtaException(ErrorCodes.Usage, $"--reason takes 1 to {MaxReasonCharacters} characters");
    }
}
