using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Releases as messages.</summary>
internal static class ReleaseMessages
{
    public static ReleaseQuery ToQuery(this ListReleasesRequest request) => new()
    {
        Product = request.Product.NullIfEmpty(),
        Platform = request.Platform.NullIfEmpty(),
        Version = request.Version.NullIfEmpty(),
        OnlyAnchors = request.OnlyAnchors,
        PageSize = (int)Math.Min(request.PageSize, ReleaseQuery.MaxPageSize),
        PageToken = request.PageToken.NullIfEmpty(),
    };

    public static ListReleasesResponse ToMessage(this ReleasePage page) => new()
    {
        Releases = { page.Releases.Select(release => release.ToMessage()) },
        NextPageToken = page.NextPageToken ?? "",
    };

    public static DocumentRef ToDocumentRef(this ReleaseRecord release) => new()
    {
        Digest = release.Manifest.ToByteString(),
        PayloadBytes = (ulong)release.ManifestPayloadBytes,
    };

    public static PublishedFigures ToMessage(this ReleaseFigures figures) => new()
    {
        LogicalBytes = (ulong)figures.LogicalBytes,
        Files = (ulong)figures.Files,
        Chunks = (ulong)figures.Chunks,
        DistinctChunks = (ulong)figures.DistinctChunks,
        DistinctPlainBytes = (ulong)figures.DistinctPlainBytes,
        NewChunks = (ulong)figures.NewChunks,
        NewPlainBytes = (ulong)figures.NewPlainBytes,
        NewStoredBytes = (ulong)figures.NewStoredBytes,
    };

    private static Release ToMessage(this ReleaseRecord release) => new()
    {
        Product = release.Product,
        Platform = release.Platform,
        Version = release.Version,
        Counter = release.Counter,
        Manifest = release.ToDocumentRef(),
        PublishedUnixSeconds = release.Published.ToUnixTimeSeconds(),
        Figures = release.Figures.ToMessage(),
        Channels = { release.Channels },
        AnchoredUnixSeconds = release.Anchored?.ToUnixTimeSeconds() ?? 0,
        Build = release.Build,
        WithdrawnUnixSeconds = release.Withdrawal?.Time.ToUnixTimeSeconds() ?? 0,
        WithdrawalReason = release.Withdrawal?.Reason ?? "",
    };
}
