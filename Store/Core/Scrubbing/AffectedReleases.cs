using System.Runtime.CompilerServices;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A release that the store cannot deliver as a whole.</summary>
/// <param name="Release">The release.</param>
/// <param name="LacksManifest">Its manifest is missing or damaged: nothing of it can be delivered.</param>
/// <param name="Files">Files that cannot be delivered; 0 when the manifest is lost.</param>
/// <param name="FirstPath">One of them; null when there is none.</param>
/// <param name="Devices">The devices that it affects.</param>
/// <param name="Objects">The lost objects that it needs.</param>
public sealed record AffectedRelease(
    ReleaseRecord Release, bool LacksManifest, long Files, string? FirstPath, AffectedDevices Devices,
    IReadOnlyCollection<ObjectName> Objects);

/// <summary>Finds the releases that lack something, by walking through all of them.</summary>
/// <remarks>One release is in memory at a time. Any number of calls at once.</remarks>
/// <param name="catalogue">Has the releases and the marks.</param>
/// <param name="releases">Reads manifests and recipes.</param>
public sealed class AffectedReleases(ICatalogue catalogue, ReleaseReader releases)
{
    private const int BatchFiles = 1024;

    /// <summary>The releases that cannot be delivered as a whole.</summary>
    /// <param name="product">Null for all.</param>
    public async IAsyncEnumerable<AffectedRelease> FindAsync(
        string? product, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var query = new ReleaseQuery { Product = product }; ;)
        {
            var page = await catalogue.Releases.ListReleasesAsync(query, cancellationToken).ConfigureAwait(false);
            foreach (var release in page.Releases)
            {
                if (await InspectAsync(release, cancellationToken).ConfigureAwait(false) is { } affected)
                    yield return affected;
            }

            if (page.NextPageToken is null) yield break;
            query = query with { PageToken = page.NextPageToken };
        }
    }

    private async ValueTask<AffectedRelease?> InspectAsync(ReleaseRecord release, CancellationToken cancellationToken)
    {
        var manifest = await catalogue.Damage.FindObjectAsync(
            ObjectName.Manifest(release.Manifest), cancellationToken).ConfigureAwait(false);
        var listing = manifest is { IsMarked: true }
            ? null
            : await FindListingAsync(release.Manifest, cancellationToken).ConfigureAwait(false);
        var (files, first) = (0L, (string?)null);
        var lost = new LostObjects(catalogue, releases);
        foreach (var batch in (listing?.Files ?? []).Chunk(BatchFiles))
        {
            foreach (var file in await FindLostAsync(batch, listing!, cancellationToken).ConfigureAwait(false))
            {
                files++;
                first ??= file.Path;
                await lost.AddAsync(file, listing!.Cut, cancellationToken).ConfigureAwait(false);
            }
        }

        if (listing is not null && files == 0) return null;
        var devices = await catalogue.Damage.CountDevicesAsync(release.Manifest, cancellationToken)
            .ConfigureAwait(false);
        return new AffectedRelease(
            release, listing is null, files, first, devices,
            listing is null ? [ObjectName.Manifest(release.Manifest)] : lost.Names);
    }

    private async ValueTask<ReleaseListing?> FindListingAsync(Digest manifest, CancellationToken cancellationToken)
    {
        try
        {
            return await releases.GetListingAsync(manifest, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreFailedException failure) when (failure is ObjectMissingException or ObjectDamagedException)
        {
            return null;
        }
    }

    private async ValueTask<IReadOnlyList<ReleaseFile>> FindLostAsync(
        ReleaseFile[] files, ReleaseListing release, CancellationToken cancellationToken)
    {
        var known = await new StoredFiles(catalogue, releases).FindLostAsync(
            [.. files.Select(file => new KnownFile(file.Digest, file.Size, file.Recipe))], release.Domain,
            release.Cut, cancellationToken).ConfigureAwait(false);
        return [.. files.Where((_, index) => known[index])];
    }
}
