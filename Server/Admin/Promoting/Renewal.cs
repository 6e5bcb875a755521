using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>A channel whose pointer is to be renewed.</summary>
internal sealed record RenewalGoal
{
    public required string Product { get; init; }

    public required string Platform { get; init; }

    public required string Channel { get; init; }

    public TimeSpan PointerLife { get; init; } = PointerDocuments.DefaultLife;

    /// <summary>Drops or keeps what a removed key demanded; null: it must be decided first.</summary>
    public bool? DropsDemands { get; init; }
}

/// <summary>Renews a channel; after a key was removed, all channels of the platform that it signed last.</summary>
/// <param name="session">The connection.</param>
/// <param name="goal">The channel.</param>
/// <param name="keys">The publisher's keys.</param>
/// <param name="clock">The clock.</param>
internal sealed class Renewal(Session session, RenewalGoal goal, PublisherKeys keys, TimeProvider clock)
{
    private readonly PointerSigner _signer = new(keys, clock, goal.PointerLife);

    /// <summary>Renews the channel.</summary>
    /// <param name="warnings">Warnings to report with those about a removed key.</param>
    /// <exception cref="ChunkOtaException"><c>CHANNEL_UNKNOWN</c>, <c>KEY_REMOVED</c>, <c>POINTER_INVALID</c>, or what
    /// the server refused: nothing was renewed.</exception>
    public async Task<RenewedChannel> RunAsync(IReadOnlyList<string> warnings, CancellationToken cancellationToken)
    {
        var (before, after, signed) = await new PointerExchange(session, goal.Product, keys, clock).RunAsync(
            Sign, cancellationToken);
        var versions = after.Dropped.Count > 0 ? await ReadVersionsAsync(cancellationToken) : [];
        var main = signed[0].Value;
        return new RenewedChannel
        {
            Product = goal.Product,
            Platform = goal.Platform,
            Channel = goal.Channel,
            Version = main.Current.Version,
            Seq = main.Seq,
            ExpiresUnixSeconds = main.ExpiresUnixSeconds,
            AlsoRenewed = [.. signed.Skip(1).Select(pointer => pointer.Value.Channel)],
            Reinstated = [.. after.Dropped.Select(manifest => manifest.ToDigest().ToString())],
            Warnings =
            [
                .. warnings,
                .. signed.SelectMany(pointer => WarningsOf(
                    before.Disowned.FirstOrDefault(last => last.Value.Channel == pointer.Value.Channel)?.Value,
                    pointer.Value)),
                .. after.Dropped.Select(manifest => WarningOf(manifest, versions)),
            ],
        };
    }

    private (PutPointersRequest Request, (PointerHistory, PointerHistory, IReadOnlyList<VerifiedPointer>) Answer) Sign(
        PointerHistories histories)
    {
        var before = histories.Of(goal.Platform);
        if (!before.Live.ContainsKey(goal.Channel))
            throw new ChunkOtaException(
                ErrorCodes.ChannelUnknown, $"{goal.Product} {goal.Platform} has no channel '{goal.Channel}'");
        var (after, channels) = (before, new List<string> { goal.Channel });
        if (goal.DropsDemands is { } drops)
        {
            after = before.Decide(drops);
            channels.AddRange(
                before.Disowned.Select(pointer => pointer.Value.Channel).Where(name => name != goal.Channel));
        }

        var signed = channels.ConvertAll(channel => _signer.Renew(after, channel));
        var request = new PutPointersRequest
        {
            Pointers = { signed.Select(pointer => pointer.Envelope) },
            Reinstated = { after.Dropped },
        };
        return (request, (before, after, signed));
    }

    /// <summary>Warnings about a pointer that follows one of a removed key.</summary>
    private static IEnumerable<string> WarningsOf(ChannelPointer? last, ChannelPointer next)
    {
        if (last is null)
            yield break;
        yield return $"a removed key signed the last pointer of channel {last.Channel}, which names "
            + $"{last.Current.Version}, and so does the new one: make sure that this is the release you want";
        if (last.Floor != next.Floor)
            yield return $"channel {last.Channel} does not refuse counters below {last.Floor} any more";
        if (last.Candidate is { } candidate && next.Candidate is null)
            yield return $"channel {last.Channel} does not roll out {candidate.Version} any more";
    }

    private string WarningOf(ByteString manifest, Dictionary<ByteString, string> versions) =>
        versions.TryGetValue(manifest, out var version)
            ? $"{goal.Product} {version} for {goal.Platform} is not withdrawn any more; if you had withdrawn it: "
                + $"ota-admin withdraw {goal.Product} {version} --platform {goal.Platform} --reason TEXT"
            : $"manifest {manifest.ToDigest()} is not withdrawn any more; it is of no published release";

    /// <summary>The versions of the platform's releases, as the server lists them: for messages only.</summary>
    private async Task<Dictionary<ByteString, string>> ReadVersionsAsync(CancellationToken cancellationToken)
    {
        Dictionary<ByteString, string> versions = [];
        var filter = new ListReleasesRequest { Product = goal.Product, Platform = goal.Platform };
        await foreach (var release in PublishedReleases.ListAsync(session, filter, cancellationToken))
            versions[release.Manifest.Digest] = OneLine.Of(release.Version);
        return versions;
    }
}
