using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Tells devices which release to run.</summary>
/// <param name="catalogue">Has channels and releases.</param>
/// <param name="manifests">Compresses manifests for devices.</param>
/// <param name="deltas">Offers deltas.</param>
public sealed class UpdateOperations(ICatalogue catalogue, SentManifests manifests, UpdateOffers deltas)
{
    private const int MaxRootsPerCall = 8;
    private const string AnyPlatform = "any";

    /// <summary>Answers a device that checks for an update.</summary>
    /// <exception cref="ChunkOtaException">PRODUCT_UNKNOWN, CHANNEL_UNKNOWN, VERSION_UNKNOWN.</exception>
    public async Task<UpdateAnswer> CheckAsync(
        Caller caller, UpdateQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(query);
        var product = await catalogue.Identities.GetProductOfDeviceAsync(caller, query.Product, cancellationToken);
        var channel = await GetChannelAsync(product.Name, query, caller, cancellationToken);
        var release = await GetReleaseAsync(channel, query.Version, cancellationToken);
        var roots = await catalogue.Identities.ListRootsAsync(
            product.Name, query.RootVersion, MaxRootsPerCall, cancellationToken);
        var answer = new UpdateAnswer
        {
            Roots = roots,
            Channel = channel,
            Release = release,
            Offer = UpdateOffer.None,
        };
        if (query.HeldManifest == release.Manifest) return answer;

        var held = await FindHeldAsync(product.Name, query.HeldManifest, cancellationToken);
        var offer = held?.Platform == release.Platform
            ? await deltas.OfferAsync(
                new DeltaPair(held.Manifest, release.Manifest), release.Manifest == channel.Current, cancellationToken)
            : UpdateOffer.None;
        var manifest = await manifests.GetAsync(release.Manifest, held?.Manifest, cancellationToken);
        return answer with { Manifest = manifest, Offer = offer };
    }

    /// <summary>The channel for the device's platform, or the one for any platform.</summary>
    private async ValueTask<ChannelRecord> GetChannelAsync(
        string product, UpdateQuery query, Caller caller, CancellationToken cancellationToken)
    {
        var name = query.Channel ?? caller.Channel ?? "";
        return await catalogue.Releases.FindChannelAsync(product, query.Platform, name, cancellationToken)
            ?? await catalogue.Releases.FindChannelAsync(product, AnyPlatform, name, cancellationToken)
            ?? throw new ChunkOtaException(
                ErrorCodes.ChannelUnknown,
                $"unknown channel of {product} for {OneLine.Of(query.Platform)}: {OneLine.Of(name)}: "
                    + "publish a release to it first");
    }

    private async ValueTask<ReleaseRecord> GetReleaseAsync(
        ChannelRecord channel, string? version, CancellationToken cancellationToken)
    {
        if (version is not null)
        {
            return await catalogue.Releases.FindReleaseAsync(
                channel.Product, channel.Platform, version, cancellationToken)
                ?? throw new ChunkOtaException(
                    ErrorCodes.VersionUnknown,
                    $"unknown version of {channel.Product} for {channel.Platform}: {OneLine.Of(version)}: "
                        + "list the releases there are");
        }

        return await catalogue.Releases.FindReleaseAsync(channel.Current, cancellationToken)
            ?? throw new StoreUnavailableException(
                $"the catalogue lacks the current release of channel {channel.Name}: manifest {channel.Current}: "
                    + "publish it again");
    }

    /// <summary>The release that the device holds; null when it is not one of this product.</summary>
    private async ValueTask<ReleaseRecord?> FindHeldAsync(
        string product, Digest? heldManifest, CancellationToken cancellationToken) =>
        heldManifest is { } digest
        && await catalogue.Releases.FindReleaseAsync(digest, cancellationToken) is { } release
        && release.Product == product
            ? release
            : null;
}
