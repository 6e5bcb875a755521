using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Tells devices which release to run.</summary>
public sealed class UpdateOperations
{
    private const int MaxRootsPerCall = 8;
    private const int MaxAnchors = 16;
    private const string AnyPlatform = "any";
    private readonly ICatalogue _catalogue;
    private readonly SentManifests _manifests;
    private readonly UpdateOffers _deltas;
    private readonly ChannelMoves _moves;
    private readonly IServerObserver? _observer;

    /// <param name="catalogue">Has channels and releases.</param>
    /// <param name="manifests">Compresses manifests for devices.</param>
    /// <param name="deltas">Offers deltas.</param>
    /// <param name="moves">Tells devices of moves.</param>
    /// <param name="observer">Is told of each answer.</param>
    internal UpdateOperations(
        ICatalogue catalogue, SentManifests manifests, UpdateOffers deltas, ChannelMoves moves,
        IServerObserver? observer) =>
        (_catalogue, _manifests, _deltas, _moves, _observer) = (catalogue, manifests, deltas, moves, observer);

    /// <summary>Lets a device listen for moves of its product's channels until it is cancelled.</summary>
    /// <returns>First and for each move, the time to wait before checking.</returns>
    /// <exception cref="ChunkOtaException">PRODUCT_UNKNOWN, RATE_LIMITED.</exception>
    public async Task<IAsyncEnumerable<TimeSpan>> ListenAsync(
        Caller caller, string productName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var product = await _catalogue.Identities.GetProductOfDeviceAsync(caller, productName, cancellationToken);
        return _moves.ListenAsync(caller.Id, product.Name, cancellationToken);
    }

    /// <summary>Answers a device that checks for an update.</summary>
    /// <exception cref="ChunkOtaException">PRODUCT_UNKNOWN, CHANNEL_UNKNOWN, VERSION_UNKNOWN.</exception>
    public async Task<UpdateAnswer> CheckAsync(
        Caller caller, UpdateQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(query);
        var product = await _catalogue.Identities.GetProductOfDeviceAsync(caller, query.Product, cancellationToken);
        var channel = await GetChannelAsync(product.Name, query, caller, cancellationToken);
        var release = await GetReleaseAsync(channel, query.Version, cancellationToken);
        var roots = await _catalogue.Identities.ListRootsAsync(
            product.Name, query.RootVersion, MaxRootsPerCall, cancellationToken);
        var answer = new UpdateAnswer
        {
            Roots = roots,
            Channel = channel,
            Release = release,
            Offer = UpdateOffer.None,
            Anchors = query.ListsAnchors ? await ListAnchorsAsync(channel, cancellationToken) : [],
        };
        if (query.HeldManifest == release.Manifest)
        {
            _observer?.Checked(UpdateAnswerKind.Current);
            return answer;
        }

        var held = await FindHeldAsync(product.Name, query.HeldManifest, cancellationToken);
        var offer = held is null
            ? await OfferFromDeletedAsync(release, query.HeldManifest, cancellationToken)
            : held.Platform == release.Platform
            ? await _deltas.OfferAsync(
                new DeltaPair(held.Manifest, release.Manifest), release.Manifest == channel.Current, cancellationToken)
            : UpdateOffer.None;
        var manifest = await _manifests.GetAsync(release.Manifest, held?.Manifest, cancellationToken);
        _observer?.Checked(
            offer.Deltas.Count != 0 ? UpdateAnswerKind.Delta
            : held is null ? UpdateAnswerKind.Install
            : UpdateAnswerKind.Chunks);
        return answer with { Manifest = manifest, Offer = offer };
    }

    /// <summary>The deltas from a release that was deleted: they are kept while devices run it.</summary>
    private async ValueTask<UpdateOffer> OfferFromDeletedAsync(
        ReleaseRecord release, Digest? heldManifest, CancellationToken cancellationToken) =>
        heldManifest is { } digest
        && await _catalogue.Retention.FindDeletedAsync(digest, cancellationToken) == (release.Product, release.Platform)
            ? await _deltas.OfferStoredAsync(new DeltaPair(digest, release.Manifest), cancellationToken)
            : UpdateOffer.None;

    private async ValueTask<IReadOnlyList<string>> ListAnchorsAsync(
        ChannelRecord channel, CancellationToken cancellationToken)
    {
        var query = new ReleaseQuery
        {
            Product = channel.Product,
            Platform = channel.Platform,
            OnlyAnchors = true,
            PageSize = MaxAnchors,
        };
        var page = await _catalogue.Releases.ListReleasesAsync(query, cancellationToken);
        return [.. page.Releases.Select(release => release.Version)];
    }

    /// <summary>The channel for the device's platform, or the one for any platform.</summary>
    private async ValueTask<ChannelRecord> GetChannelAsync(
        string product, UpdateQuery query, Caller caller, CancellationToken cancellationToken)
    {
        var name = query.Channel ?? caller.Channel ?? "";
        return await _catalogue.Releases.FindChannelAsync(product, query.Platform, name, cancellationToken)
            ?? await _catalogue.Releases.FindChannelAsync(product, AnyPlatform, name, cancellationToken)
            ?? throw new ChunkOtaException(
                ErrorCodes.ChannelUnknown,
                $"unknown channel of {product} for {OneLine.Of(query.Platform)}: {OneLine.Of(name)}: "
                    + "it was deleted or never published to: follow another one");
    }

    private async ValueTask<ReleaseRecord> GetReleaseAsync(
        ChannelRecord channel, string? version, CancellationToken cancellationToken)
    {
        if (version is not null)
        {
            return await _catalogue.Releases.FindReleaseAsync(
                channel.Product, channel.Platform, version, cancellationToken)
                ?? throw new ChunkOtaException(
                    ErrorCodes.VersionUnknown,
                    $"unknown version of {channel.Product} for {channel.Platform}: {OneLine.Of(version)}: "
                        + "list the releases there are");
        }

        return await _catalogue.Releases.FindReleaseAsync(channel.Current, cancellationToken)
            ?? throw new StoreUnavailableException(
                $"the catalogue lacks the current release of channel {channel.Name}: manifest {channel.Current}: "
                    + "publish it again");
    }

    /// <summary>The release that the device holds; null when it is not one of this product.</summary>
    private async ValueTask<ReleaseRecord?> FindHeldAsync(
        string product, Digest? heldManifest, CancellationToken cancellationToken) =>
        heldManifest is { } digest
        && await _catalogue.Releases.FindReleaseAsync(digest, cancellationToken) is { } release
        && release.Product == product
            ? release
            : null;
}
