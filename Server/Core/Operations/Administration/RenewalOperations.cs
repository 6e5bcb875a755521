using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Tells the operator which trust roots and channel pointers are due.</summary>
/// <param name="catalogue">Has them.</param>
/// <param name="clock">The server's clock.</param>
/// <param name="log">Gets a line for each.</param>
public sealed partial class RenewalOperations(
    ICatalogue catalogue, TimeProvider clock, ILogger<RenewalOperations> log)
{
    /// <summary>Logs everything that is due or has expired.</summary>
    public async Task WarnAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var product in await catalogue.Identities.ListProductsAsync(cancellationToken))
        {
            if (RenewalRules.FindRootWarning(
                product.Name, product.Root.Version, product.Root.Expires, now) is { } warning)
            {
                LogDue(warning);
            }
        }

        foreach (var channel in await catalogue.Releases.ListChannelsAsync(null, false, cancellationToken))
        {
            if (RenewalRules.FindPointerWarning(
                $"{channel.Product} {channel.Platform} {channel.Name}", IssueOf(channel), channel.Expires, now)
                is { } warning)
            {
                LogDue(warning);
            }
        }
    }

    /// <summary>Counts the trust roots and channel pointers that are due for renewal or have expired.</summary>
    public async Task<RenewalFigures> ReadFiguresAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (roots, pointers) = (default(ExpiryFigures), default(ExpiryFigures));
        foreach (var product in await catalogue.Identities.ListProductsAsync(cancellationToken))
        {
            var expires = product.Root.Expires;
            roots = roots.With(expires - now, RenewalRules.IsRootDue(expires, now));
        }

        foreach (var channel in await catalogue.Releases.ListChannelsAsync(null, false, cancellationToken))
        {
            pointers = pointers.With(
                channel.Expires - now, RenewalRules.IsPointerDue(IssueOf(channel), channel.Expires, now));
        }

        return new RenewalFigures(roots, pointers);
    }

    private static DateTimeOffset IssueOf(ChannelRecord channel) => DateTimeOffset.FromUnixTimeSeconds(
        ChannelPointer.Parser.ParseFrom(SignedDocument.Parse(channel.Envelope).Payload).IssuedUnixSeconds);

    [LoggerMessage(4036, LogLevel.Warning, "{Warning}")]
    private partial void LogDue(string warning);
}
