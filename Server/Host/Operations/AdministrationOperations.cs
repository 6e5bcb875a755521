using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Storage;
using Google.Protobuf;

namespace ChunkOta.Server;

/// <summary>Running the server: what administration.proto promises but for tokens, which <see cref="TokenOperations"/>
/// does.</summary>
internal sealed partial class AdministrationOperations(
    ICatalogue catalogue, ServerCertificate? certificate, DeltaRequests deltas, TimeProvider clock,
    ILogger<AdministrationOperations> log)
{
    private const int MaxChannels = 200;
    private const int MaxProducts = 2000;

    /// <summary>What this server is; for anyone to know.</summary>
    public GetServerResponse Describe() => new()
    {
        Version = ServerVersion.Text,
        CatalogueEngine = catalogue.Engine,
        TlsSpkiSha256 = certificate is null ? ByteString.Empty : ByteString.CopyFrom(certificate.SpkiSha256),
        TimeUnixSeconds = clock.GetUtcNow().ToUnixTimeSeconds(),
    };

    public async Task<CreateProductResponse> CreateProductAsync(
        Caller caller, CreateProductRequest request, CancellationToken cancellationToken)
    {
        caller.DemandAdmin();
        Names.CheckProduct(request.Name);
        if (request.Root is null)
            throw new ChunkOtaException(
                ErrorCodes.RootInvalid, "A product needs its publisher's trust root");
        var root = VerifiedRoot.SelfSigned(request.Root);
        root.CheckFresh(clock.GetUtcNow());

        var record = new RootRecord(
            root.Version, root.Digest, root.Expires, request.Root.ToByteArray());
        var product = new NewProduct(request.Name, request.Cut?.ToChunking(), record);
        var isNew = await catalogue.Identities.CreateProductAsync(product, cancellationToken);
        LogProduct(request.Name, root.Digest, isNew, caller.Id);
        return new CreateProductResponse { AlreadyThere = !isNew };
    }

    public async Task<ListProductsResponse> ListProductsAsync(Caller caller, CancellationToken cancellationToken)
    {
        caller.DemandReader();
        var products = await catalogue.Identities.ListProductsAsync(cancellationToken);
        return new ListProductsResponse
        {
            Products =
            {
                products.Where(product => caller.MayRead(product.Name)).Take(MaxProducts)
                    .Select(product => product.ToMessage()),
            },
        };
    }

    public async Task<ListChannelsResponse> ListChannelsAsync(
        Caller caller, ListChannelsRequest request, CancellationToken cancellationToken)
    {
        caller.DemandReader();
        var product = await GetScopeAsync(caller, request.Product, cancellationToken);
        var channels = await catalogue.Releases.ListChannelsAsync(product, cancellationToken);
        return new ListChannelsResponse
        {
            Channels = { channels.Take(MaxChannels).Select(channel => channel.ToMessage()) },
        };
    }

    public async Task<PutPointerResponse> PutPointerAsync(
        Caller caller, PutPointerRequest request, CancellationToken cancellationToken)
    {
        var name = PeekProduct(request.Pointer);
        caller.DemandPublish(name);
        var product = await catalogue.Identities.FindProductAsync(name, cancellationToken)
            ?? throw new ChunkOtaException(ErrorCodes.ProductUnknown, $"There is no product {OneLine.Of(name)}");
        var root = product.VerifyRoot();
        root.CheckFresh(clock.GetUtcNow());
        var pointer = VerifiedPointer.Verify(request.Pointer, root);
        pointer.CheckFresh(clock.GetUtcNow());
        await CheckTargetAsync(pointer.Value, pointer.Value.Current, cancellationToken);
        if (pointer.Value.Candidate is { } candidate)
            await CheckTargetAsync(
                pointer.Value, candidate, cancellationToken);

        await catalogue.Releases.PutPointerAsync(pointer.ToNewPointer(), cancellationToken);
        LogPointer(pointer.Value.Product, pointer.Value.Platform, pointer.Value.Channel, pointer.Value.Seq, caller.Id);
        await deltas.EnqueueForAsync(pointer.Value.Current.ManifestDigest.ToDigest(), cancellationToken);
        return new PutPointerResponse();
    }

    public async Task<GetStatsResponse> GetStatsAsync(
        Caller caller, GetStatsRequest request, CancellationToken cancellationToken)
    {
        caller.DemandReader();
        var product = await GetScopeAsync(caller, request.Product, cancellationToken);
        var page = await catalogue.Releases.ListReleasesAsync(
            new ReleaseQuery { Product = product }, cancellationToken);
        var products = await catalogue.Releases.ReadProductFiguresAsync(product, cancellationToken);
        var store = await catalogue.Releases.ReadStoreFiguresAsync(cancellationToken);
        return new GetStatsResponse
        {
            Releases = { page.Releases.Select(ToStats) },
            Products = { products.Take(MaxProducts).Select(figures => figures.ToMessage()) },
            Store = store.ToMessage(),
        };
    }

    /// <summary>The product that a list is about: the one asked for, else the caller's
    /// only one, else null for all.</summary>
    private async ValueTask<string?> GetScopeAsync(Caller caller, string asked, CancellationToken cancellationToken)
    {
        var product = asked.Length != 0 ? asked : caller.Product;
        if (product is null) return null;
        caller.DemandRead(product);
        return await catalogue.Identities.FindProductAsync(product, cancellationToken) is not null
            ? product
            : throw new ChunkOtaException(ErrorCodes.ProductUnknown, $"There is no product {OneLine.Of(product)}");
    }

    /// <summary>Which product's root is to verify the pointer: nothing else is believed before it has.</summary>
    private static string PeekProduct(Envelope? pointer)
    {
        try
        {
            return pointer is null ? "" : ChannelPointer.Parser.ParseFrom(pointer.Payload).Product;
        }
        catch (InvalidProtocolBufferException)
        {
            throw new ChunkOtaException(ErrorCodes.PointerInvalid, "What was sent is no channel pointer");
        }
    }

    /// <summary>A pointer that misstates its release's length or counter would
    /// make every device refuse the release.</summary>
    private async ValueTask CheckTargetAsync(
        ChannelPointer pointer, PointerTarget target, CancellationToken cancellationToken)
    {
        var digest = target.ManifestDigest.ToDigest();
        var release = await catalogue.Releases.FindReleaseAsync(digest, cancellationToken);
        if (release is null || release.Product != pointer.Product || release.Platform != pointer.Platform)
            throw new ChunkOtaException(
                ErrorCodes.ReleaseUnknown,
                $"{pointer.Product} has no release with the manifest {digest} for {pointer.Platform}");
        if (release.Counter != target.Counter || (ulong)release.ManifestPayloadBytes != target.ManifestBytes)
            throw new ChunkOtaException(
                ErrorCodes.PointerInvalid, $"The pointer misstates the length or counter of manifest {digest}");
    }

    private static ReleaseStats ToStats(ReleaseRecord release) => new()
    {
        Product = release.Product,
        Platform = release.Platform,
        Version = release.Version,
        Counter = release.Counter,
        Totals = release.Figures.ToTotals(),
    };

    [LoggerMessage(4030, LogLevel.Information, "Product {Product} with first root {Root}, new {IsNew}, by {Caller}")]
    private partial void LogProduct(string product, Digest root, bool isNew, string caller);

    [LoggerMessage(4031, LogLevel.Information,
        "Pointer of {Product} ({Platform}) {Channel} is number {Seq} now, by {Caller}")]
    private partial void LogPointer(string product, string platform, string channel, ulong seq, string caller);
}
