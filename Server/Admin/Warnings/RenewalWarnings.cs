using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>The trust roots and channel pointers of a server that are due or have expired.</summary>
internal static class RenewalWarnings
{
    /// <summary>Finds the trust roots of products that are due.</summary>
    public static IEnumerable<string> OfRoots(IEnumerable<Product> products, DateTimeOffset now) => products
        .Select(product => RenewalRules.FindRootWarning(
            product.Name, product.RootVersion, DateTimeOffset.FromUnixTimeSeconds(product.RootExpiresUnixSeconds), now))
        .OfType<string>();

    /// <summary>Finds the pointers of channels that are due, as the server shows them.</summary>
    public static IEnumerable<string> OfPointers(IEnumerable<Channel> channels, DateTimeOffset now) => channels
        .Select(channel =>
        {
            var pointer = ChannelPointer.Parser.ParseFrom(channel.Pointer.Payload);
            return RenewalRules.FindPointerWarning(
                $"{channel.Product} {channel.Platform} {channel.Name}",
                DateTimeOffset.FromUnixTimeSeconds(pointer.IssuedUnixSeconds),
                DateTimeOffset.FromUnixTimeSeconds(pointer.ExpiresUnixSeconds), now);
        })
        .OfType<string>();

    /// <summary>Asks the server, and finds all that is due.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="product">The product; null for all.</param>
    /// <param name="now">The time.</param>
    public static async Task<IReadOnlyList<string>> FindAsync(
        Session session, string? product, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var products = await session.Administration.ListProductsAsync(
            new ListProductsRequest(), cancellationToken: cancellationToken);
        var channels = await session.Administration.ListChannelsAsync(
            new ListChannelsRequest { Product = product ?? "" }, cancellationToken: cancellationToken);
        return
        [
            .. OfRoots(products.Products.Where(of => product is null || of.Name == product), now),
            .. OfPointers(channels.Channels, now),
        ];
    }
}
