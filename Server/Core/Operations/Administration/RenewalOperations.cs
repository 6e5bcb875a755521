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
            var pointer = ChannelPointer.Parser.ParseFrom(SignedDocument.Parse(channel.Envelope).Payload);
            if (RenewalRules.FindPointerWarning(
                $"{channel.Product} {channel.Platform} {channel.Name}",
                DateTimeOffset.FromUnixTimeSeconds(pointer.IssuedUnixSeconds), channel.Expires, now) is { } warning)
            {
                LogDue(warning);
            }
        }
    }

    [LoggerMessage(4036, LogLevel.Warning, "{Warning}")]
    private partial void LogDue(string warning);
}
