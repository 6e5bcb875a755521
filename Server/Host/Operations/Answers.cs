using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Storage;
using Google.Protobuf;

namespace ChunkOta.Server;

/// <summary>What the catalogue keeps, as messages say it.</summary>
internal static class Answers
{
    public static DocumentRef ToDocumentRef(this ReleaseRecord release) => new()
    {
        Digest = release.Manifest.ToByteString(),
        PayloadBytes = (ulong)release.ManifestPayloadBytes,
    };

    public static ReleaseTotals ToTotals(this ReleaseFigures figures) => new()
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

    public static Release ToMessage(this ReleaseRecord release) => new()
    {
        Product = release.Product,
        Platform = release.Platform,
        Version = release.Version,
        Counter = release.Counter,
        Manifest = release.ToDocumentRef(),
        PublishedUnixSeconds = release.Published.ToUnixTimeSeconds(),
        Totals = release.Figures.ToTotals(),
        Channels = { release.Channels },
        AnchoredUnixSeconds = release.Anchored?.ToUnixTimeSeconds() ?? 0,
    };

    public static Product ToMessage(this ProductRecord product) => new()
    {
        Name = product.Name,
        Cut = product.Cut.ToDocument(),
        FirstRootDigest = product.FirstRoot.ToByteString(),
        RootVersion = product.Root.Version,
        RootExpiresUnixSeconds = product.Root.Expires.ToUnixTimeSeconds(),
        Releases = (ulong)product.Releases,
    };

    public static Token ToMessage(this TokenRecord token) => new()
    {
        TokenId = token.Id,
        Role = (TokenRole)token.Role,
        Product = token.Product ?? "",
        Channel = token.Channel ?? "",
        CreatedUnixSeconds = token.Created.ToUnixTimeSeconds(),
        ExpiresUnixSeconds = token.Expires?.ToUnixTimeSeconds() ?? 0,
        Uses = (uint)token.Uses,
        Used = (uint)token.Used,
        IsRevoked = token.IsRevoked,
        Label = token.Label,
    };

    public static Channel ToMessage(this ChannelRecord channel) => new()
    {
        Product = channel.Product,
        Platform = channel.Platform,
        Name = channel.Name,
        Pointer = Envelope.Parser.ParseFrom(channel.Envelope.Span),
    };

    public static DeltaOffer ToOffer(this DeltaRecord delta) => new()
    {
        Digest = delta.Digest!.Value.ToByteString(),
        Bytes = (ulong)delta.Bytes,
        Quality = (DeltaQuality)delta.Quality,
    };

    public static BuiltDelta ToMessage(this DeltaRecord delta) => new()
    {
        Platform = delta.Platform,
        FromVersion = delta.FromVersion,
        ToVersion = delta.ToVersion,
        Quality = (DeltaQuality)delta.Quality,
        Digest = delta.Digest?.ToByteString() ?? ByteString.Empty,
        Bytes = (ulong)delta.Bytes,
        Files = (ulong)delta.Files,
        TargetBytes = (ulong)delta.TargetBytes,
        BuiltUnixSeconds = delta.Built.ToUnixTimeSeconds(),
        UsedUnixSeconds = delta.Used.ToUnixTimeSeconds(),
    };

    public static QueuedDelta ToMessage(this DeltaJob job, DeltaProgress progress) => new()
    {
        Platform = job.Platform,
        FromVersion = job.FromVersion,
        ToVersion = job.ToVersion,
        Quality = (DeltaQuality)job.Quality,
        State = job.State switch
        {
            Storage.DeltaJobState.Queued => Protos.V1.DeltaJobState.Queued,
            Storage.DeltaJobState.Running => Protos.V1.DeltaJobState.Running,
            _ => Protos.V1.DeltaJobState.Failed,
        },
        Attempts = (uint)job.Attempts,
        Error = job.Error,
        QueuedUnixSeconds = job.Queued.ToUnixTimeSeconds(),
        DoneBytes = (ulong)progress.Bytes,
        TotalBytes = (ulong)progress.TotalBytes,
    };

    public static ProductStats ToMessage(this ProductFigures figures) => new()
    {
        Product = figures.Product,
        Releases = (ulong)figures.Releases,
        LogicalBytes = (ulong)figures.LogicalBytes,
        DistinctPlainBytes = (ulong)figures.DistinctPlainBytes,
        StoredBytes = (ulong)figures.StoredBytes,
    };

    public static StoreStats ToMessage(this StoreFigures figures) => new()
    {
        Packs = (ulong)figures.Packs,
        Chunks = (ulong)figures.Chunks,
        PlainBytes = (ulong)figures.PlainBytes,
        StoredBytes = (ulong)figures.StoredBytes,
        Recipes = (ulong)figures.Recipes,
        Devices = (ulong)figures.Devices,
    };
}
