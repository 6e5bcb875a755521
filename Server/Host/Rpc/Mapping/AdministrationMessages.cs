using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Products, channels, tokens and figures as messages.</summary>
internal static class AdministrationMessages
{
    private const int MaxPointerBytes = 16 * 1024 * 1024;

    public static Product ToMessage(this ProductRecord product)
    {
        var message = new Product
        {
            Name = product.Name,
            Cut = product.Cut.ToDocument(),
            FirstRootDigest = product.FirstRoot.ToByteString(),
            RootVersion = product.Root.Version,
            RootExpiresUnixSeconds = product.Root.Expires.ToUnixTimeSeconds(),
            Releases = (ulong)product.Releases,
            StoredBytes = (ulong)product.StoredBytes,
            IsIsolated = product.IsIsolated,
        };
        if (product.QuotaBytes is { } quota) message.QuotaBytes = (ulong)quota;
        return message;
    }

    public static Channel ToMessage(this ChannelRecord channel) => new()
    {
        Product = channel.Product,
        Platform = channel.Platform,
        Name = channel.Name,
        Pointer = Envelope.Parser.ParseFrom(channel.Envelope.Span),
        DeletedUnixSeconds = channel.Deleted?.ToUnixTimeSeconds() ?? 0,
    };

    public static NewToken ToNewToken(this CreateTokenRequest request) => new()
    {
        Role = (AccessRole)request.Role,
        Product = request.Product.NullIfEmpty(),
        Channel = request.Channel.NullIfEmpty(),
        Expires = request.ExpiresUnixSeconds == 0 ? null : ToTime(request.ExpiresUnixSeconds),
        Uses = request.Uses,
        Label = request.Label,
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

    public static IEnumerable<GetStatsResponse> ToMessages(this ServerFigures figures, RunningFigures running) =>
        figures.Products.Select(ToMessage).Spread(
            new GetStatsResponse { Store = figures.ToMessage(running) }, part => part.Products)
            .Concat(figures.Releases.Select(ToStats).Spread(new GetStatsResponse(), part => part.Releases));

    /// <summary>The whole of a request that comes in parts.</summary>
    /// <exception cref="ChunkOtaException">TOO_LARGE.</exception>
    public static async Task<PutPointersRequest> ReadWholeAsync(this IAsyncEnumerable<PutPointersRequest> parts)
    {
        var whole = new PutPointersRequest();
        var bytes = 0;
        await foreach (var part in parts)
        {
            bytes += part.CalculateSize();
            if (bytes > MaxPointerBytes)
                throw new ChunkOtaException(
                    ErrorCodes.TooLarge,
                    $"the pointers of one call are above the limit of {MaxPointerBytes / (1024 * 1024)} MiB: send "
                        + "fewer");
            whole.MergeFrom(part);
        }

        return whole;
    }

    private static ReleaseStats ToStats(ReleaseRecord release) => new()
    {
        Product = release.Product,
        Platform = release.Platform,
        Version = release.Version,
        Counter = release.Counter,
        Figures = release.Figures.ToMessage(),
    };

    private static ProductStats ToMessage(ProductFigures figures) => new()
    {
        Product = figures.Product,
        Releases = (ulong)figures.Releases,
        LogicalBytes = (ulong)figures.LogicalBytes,
        DistinctPlainBytes = (ulong)figures.DistinctPlainBytes,
        StoredBytes = (ulong)figures.StoredBytes,
    };

    private static StoreStats ToMessage(this ServerFigures figures, RunningFigures running) => new()
    {
        Packs = (ulong)figures.Store.Packs,
        Chunks = (ulong)figures.Store.Chunks,
        PlainBytes = (ulong)figures.Store.PlainBytes,
        StoredBytes = (ulong)figures.Store.StoredBytes,
        Recipes = (ulong)figures.Store.Recipes,
        Devices = (ulong)figures.Store.Devices,
        Collection = figures.Collection.ToMessage(),
        UpdatingDevices = (ulong)running.Devices,
        WaitingDevices = (ulong)running.Waiting,
        UpdateBytesPerSecond = running.BytesPerSecond,
        LostObjects = (ulong)figures.Condition.LostObjects,
        QuickScrubUnixSeconds = figures.Condition.QuickScrub?.ToUnixTimeSeconds() ?? 0,
        FullScrubUnixSeconds = figures.Condition.FullScrub?.ToUnixTimeSeconds() ?? 0,
    };

    /// <summary>
    /// A time; one out of range becomes the earliest or latest time there is, which is refused later.
    /// </summary>
    private static DateTimeOffset ToTime(long seconds) =>
        seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.MaxValue
        : seconds < DateTimeOffset.MinValue.ToUnixTimeSeconds() ? DateTimeOffset.MinValue
        : DateTimeOffset.FromUnixTimeSeconds(seconds);
}
