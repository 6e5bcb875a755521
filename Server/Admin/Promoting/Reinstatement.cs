using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>Releases that are no longer to be withdrawn.</summary>
internal sealed record ReinstatementGoal
{
    public required string Product { get; init; }

    /// <summary>The version; null where <see cref="Manifests"/> name the releases.</summary>
    public required string? Version { get; init; }

    /// <summary>The digests of manifests, whether their releases are published or not.</summary>
    public required IReadOnlyList<Digest> Manifests { get; init; }

    /// <summary>The platform; null for all.</summary>
    public string? Platform { get; init; }

    public TimeSpan PointerLife { get; init; } = PointerDocuments.DefaultLife;

    /// <summary>Checks the names.</summary>
    /// <exception cref="ChunkOtaException"><c>NAME_INVALID</c>, <c>VERSION_INVALID</c>, <c>USAGE</c>.</exception>
    public void Check()
    {
        Names.CheckProduct(Product);
        if (Platform is not null)
            Names.CheckPlatform(Platform);
        if (Version is null == (Manifests.Count == 0))
            throw new ChunkOtaException(ErrorCodes.Usage, "reinstate takes either VERSION or --manifest");
        if (Version is not null)
            ReleaseVersion.Parse(Version);
    }
}

/// <summary>Ends withdrawals: signs pointers of all channels that no longer revoke the releases.</summary>
/// <param name="session">The connection.</param>
/// <param name="goal">The releases.</param>
/// <param name="keys">The publisher's keys.</param>
/// <param name="clock">The clock.</param>
internal sealed class Reinstatement(Session session, ReinstatementGoal goal, PublisherKeys keys, TimeProvider clock)
{
    private readonly PointerSigner _signer = new(keys, clock, goal.PointerLife);

    /// <summary>Reinstates the releases on all platforms, or on none. The same version again is fine.</summary>
    /// <exception cref="ChunkOtaException"><c>VERSION_UNKNOWN</c>; <c>RELEASE_UNKNOWN</c>: no channel withdraws a
    /// manifest that was named; <c>KEY_REMOVED</c>, <c>POINTER_INVALID</c>.</exception>
    public async Task<IReadOnlyList<ReinstatedPlatform>> RunAsync(CancellationToken cancellationToken)
    {
        var releases = goal.Version is { } version ? await ReadAsync(version, cancellationToken) : [];
        return await new PointerExchange(session, goal.Product, keys, clock).RunAsync(
            histories => Sign(releases, histories), cancellationToken);
    }

    private async Task<List<VerifiedManifest>> ReadAsync(string version, CancellationToken cancellationToken)
    {
        List<VerifiedManifest> releases = [];
        var filter = new ListReleasesRequest
        {
            Product = goal.Product,
            Version = version,
            Platform = goal.Platform ?? "",
        };
        // Verified: else a server could have another release than the one of this version reinstated.
        await foreach (var release in PublishedReleases.ListAsync(session, filter, cancellationToken))
            releases.Add(await ReleaseReading.ReadAsync(session, release, keys.Root, cancellationToken));
        return releases.Count > 0
            ? releases
            : throw new ChunkOtaException(
                ErrorCodes.VersionUnknown,
                $"unknown version of {goal.Product}: {version}: list the releases there are, or name the manifest with "
                + "--manifest");
    }

    private (PutPointersRequest Request, IReadOnlyList<ReinstatedPlatform> Platforms) Sign(
        List<VerifiedManifest> releases, PointerHistories histories)
    {
        var named = goal.Manifests.Select(manifest => manifest.ToByteString()).ToList();
        foreach (var unknown in named.Where(
            manifest => !histories.Lines.Any(line => IsWanted(line.Key) && line.Value.Revoked.Contains(manifest))))
        {
            throw new ChunkOtaException(
                ErrorCodes.ReleaseUnknown,
                $"nothing was reinstated: no channel of {goal.Product} withdraws manifest {unknown.ToDigest()}: "
                + "'ota-admin channels --json' lists those that are withdrawn");
        }

        var request = new PutPointersRequest();
        List<ReinstatedPlatform> platforms = [];
        foreach (var (platform, history) in histories.Lines.Where(line => IsWanted(line.Key))
            .OrderBy(line => line.Key, StringComparer.Ordinal))
        {
            List<ByteString> asked =
            [
                .. releases.Where(release => release.Head.Platform == platform)
                    .Select(release => release.Digest.ToByteString()),
                .. named.Where(history.Revoked.Contains),
            ];
            if (asked.Count == 0)
                continue;
            var ended = asked.Where(history.Revoked.Contains).ToList();
            if (ended.Count > 0)
            {
                request.Pointers.Add(_signer.Reinstate(history, ended).Select(pointer => pointer.Envelope));
                request.Reinstated.Add(ended);
            }

            platforms.Add(new ReinstatedPlatform(
                platform, [.. asked.Select(manifest => manifest.ToDigest().ToString())],
                [.. history.Live.Keys.Order(StringComparer.Ordinal)], ended.Count > 0));
        }

        return (request, platforms);
    }

    private bool IsWanted(string platform) => goal.Platform is null || platform == goal.Platform;
}
