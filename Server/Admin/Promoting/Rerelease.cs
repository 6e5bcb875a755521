using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>Signs the content of a published release as a new, higher release, without the tree and without sending a
/// chunk.</summary>
/// <param name="session">The connection.</param>
/// <param name="version">The release whose content is wanted.</param>
/// <param name="goal">The new release, and the channel that is to move to it.</param>
/// <param name="keys">The publisher's keys.</param>
/// <param name="clock">The clock.</param>
internal sealed class Rerelease(
    Session session, string version, PromotionGoal goal, PublisherKeys keys, TimeProvider clock)
{
    private const int MaxSignings = 3;

    private readonly PublishCalls _calls = new(session, clock);

    /// <summary>Stores the new release for each platform of the old one, held. The same again is fine.</summary>
    /// <exception cref="ChunkOtaException"><c>VERSION_UNKNOWN</c>, <c>REVOKED</c>: the old release was withdrawn;
    /// <c>VERSION_TAKEN</c>, <c>SIG_INVALID</c>, …</exception>
    public async Task StoreAsync(CancellationToken cancellationToken)
    {
        List<VerifiedManifest> releases = [];
        var filter = new ListReleasesRequest
        {
            Product = goal.Product,
            Version = version,
            Platform = goal.Platform ?? "",
        };
        await foreach (var release in PublishedReleases.ListAsync(session, filter, cancellationToken))
            releases.Add(await ReleaseReading.ReadAsync(session, release, keys.Root, cancellationToken));
        if (releases.Count == 0)
            throw new ChunkOtaException(
                ErrorCodes.VersionUnknown,
                $"unknown version of {goal.Product}: {version}: list the releases there are");
        foreach (var release in releases)
            await StoreAsync(release, cancellationToken);
    }

    private async Task StoreAsync(VerifiedManifest old, CancellationToken cancellationToken)
    {
        var options = new PublishOptions
        {
            // The content comes from the old manifest.
            Directory = "",
            Product = goal.Product,
            Version = goal.Version,
            Platform = old.Head.Platform,
            Channel = goal.Channel,
            KeysDirectory = goal.KeysDirectory,
            CreatesChannel = goal.CreatesChannel,
            // The size is what it was.
            AllowsEmpty = true,
            AllowsShrink = true,
            Holds = true,
        };
        var size = new PlannedRelease
        {
            Files = (ulong)old.Entries.Count(entry => entry.Kind == EntryKind.File),
            Bytes = (ulong)old.TreeBytes,
        };
        for (var signing = 1; ; signing++)
        {
            var begun = await BegunPublish.OpenAsync(session, options, size, keys, cancellationToken);
            begun.CheckNumbers(options);
            if (begun.History.Revoked.Contains(old.Digest.ToByteString()))
                throw new ChunkOtaException(
                    ErrorCodes.Revoked,
                    $"{goal.Product} {version} for {options.Platform} was withdrawn, so its content is not released "
                    + "again: choose another release");
            if (begun.Existing is { } existing)
            {
                CheckSame(old, existing);
                return;
            }

            var manifest = ReleaseDocuments.Sign(NewManifest(old, begun), keys);
            try
            {
                await _calls.CommitAsync(begun, manifest.Envelope, null, cancellationToken);
                return;
            }
            catch (ChunkOtaException e) when (e.Code == ErrorCodes.CounterTaken && signing < MaxSignings)
            {
                // Another publish took the counter: the next one is signed.
                continue;
            }
        }
    }

    private Manifest NewManifest(VerifiedManifest old, BegunPublish begun)
    {
        var manifest = old.Value.Clone();
        manifest.Version = goal.Version;
        manifest.Counter = begun.NextCounter;
        manifest.Floor = Math.Max(old.Head.Floor, begun.Floor);
        manifest.PublishedUnixSeconds = clock.GetUtcNow().ToUnixTimeSeconds();
        return manifest;
    }

    private void CheckSame(VerifiedManifest old, VerifiedManifest existing)
    {
        var same = old.Value.Clone();
        same.Version = existing.Value.Version;
        same.Counter = existing.Value.Counter;
        same.Floor = existing.Value.Floor;
        same.PublishedUnixSeconds = existing.Value.PublishedUnixSeconds;
        if (!same.Equals(existing.Value))
        {
            throw new ChunkOtaException(
                ErrorCodes.VersionTaken,
                $"{goal.Product} {goal.Version} for {old.Head.Platform} is published with other content than "
                + $"{version}: choose another version for --as");
        }
    }
}
