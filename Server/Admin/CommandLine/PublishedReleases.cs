using System.Runtime.CompilerServices;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>The releases that the server has.</summary>
internal static class PublishedReleases
{
    /// <summary>All releases that a filter lets through, page by page.</summary>
    public static async IAsyncEnumerable<Release> ListAsync(Session session, ListReleasesRequest filter,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = filter.Clone();
        do
        {
            var page = await session.Releases.ListReleasesAsync(request, cancellationToken: cancellationToken);
            foreach (var release in page.Releases)
                yield return release;
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    /// <summary>The one release of a version; build metadata is ignored.</summary>
    /// <exception cref="ChunkOtaException">
    /// <c>VERSION_UNKNOWN</c>; <c>USAGE</c>: it is there for several platforms and none was named.
    /// </exception>
    public static async Task<Release> FindAsync(
        Session session, string product, string version, string? platform, CancellationToken cancellationToken)
    {
        Names.CheckProduct(product);
        version = ReleaseVersion.ParseWithBuild(version, out _).ToString();
        var filter = new ListReleasesRequest { Product = product, Version = version, Platform = platform ?? "" };
        List<Release> found = [];
        await foreach (var release in ListAsync(session, filter, cancellationToken))
            found.Add(release);
        return found switch
        {
            [var only] => only,
            [] => throw new ChunkOtaException(ErrorCodes.VersionUnknown, $"{product} has no release {version}"),
            _ => throw new ChunkOtaException(ErrorCodes.Usage,
                $"{product} {version} exists for {string.Join(", ", found.Select(release => release.Platform))}: "
                + "choose one with --platform"),
        };
    }
}
