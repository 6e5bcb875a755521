using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;
using CutParameters = ChunkOta.Chunking.CutParameters;

namespace ChunkOta.Server.Core;

/// <summary>Registers and lists products, and reads the store's figures.</summary>
/// <param name="catalogue">Has the products.</param>
/// <param name="documents">Copies trust roots.</param>
/// <param name="isolates">Isolates the products that are created.</param>
/// <param name="clock">Checked against the expiry of trust roots.</param>
/// <param name="log">Gets a line for each registration.</param>
public sealed partial class ProductOperations(
    ICatalogue catalogue, DocumentCopies documents, bool isolates, TimeProvider clock,
    ILogger<ProductOperations> log)
{
    private const int MaxRoots = 1024;

    /// <summary>Registers a product with its first trust root.</summary>
    /// <param name="caller">An administrator.</param>
    /// <param name="name">The product's name.</param>
    /// <param name="cut">Chunk sizes of all its releases; null for the default.</param>
    /// <param name="rootEnvelope">The signed trust root; null when none was sent.</param>
    /// <returns>False when the product was registered before with the same root.</returns>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, ROOT_INVALID, ROOT_EXPIRED, PRODUCT_TAKEN.</exception>
    public async Task<bool> CreateAsync(
        Caller caller, string name, CutParameters? cut, ReadOnlyMemory<byte>? rootEnvelope,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        Names.CheckProduct(name);
        if (rootEnvelope is not { } envelope)
            throw new ChunkOtaException(
                ErrorCodes.RootInvalid, $"the trust root is missing: product {name}: send its publisher's root");
        var root = VerifiedRoot.SelfSigned(SignedDocument.Parse(envelope));
        root.CheckFresh(clock.GetUtcNow());

        var record = new RootRecord(root.Version, root.Digest, root.Expires, envelope);
        var isNew = await catalogue.Identities.CreateProductAsync(
            new NewProduct(name, cut, record) { Domain = isolates ? DedupDomain.Create(name) : DedupDomain.Shared },
            cancellationToken);
        await documents.StoreAsync([root.Digest], cancellationToken);
        LogCreated(name, root.Digest, isNew, caller.Id);
        return isNew;
    }

    /// <summary>Sets or removes the quota of a product.</summary>
    /// <param name="caller">An administrator.</param>
    /// <param name="product">The product's name.</param>
    /// <param name="bytes">The most bytes that it may have in the store; null for any number.</param>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN.</exception>
    public async Task<ProductUse> SetQuotaAsync(
        Caller caller, string product, ulong? bytes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandAdmin();
        long? quota = bytes is { } value ? (long)Math.Min(value, long.MaxValue) : null;
        var use = await catalogue.Identities.SetQuotaAsync(product, quota, cancellationToken);
        LogQuota(use.Product, quota is { } most ? SizeText.Of(most) : "none", caller.Id);
        return use;
    }

    /// <summary>Stores trust roots that follow the product's newest one: all of them, or none. Known ones are passed
    /// over.</summary>
    /// <param name="caller">A publisher of the product: that the roots are its publisher's, their signatures
    /// say.</param>
    /// <param name="name">The product's name.</param>
    /// <param name="envelopes">The signed roots, in order.</param>
    /// <returns>How many were new, and the version of the newest root.</returns>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN; ROOT_CHAIN, SIG_INVALID, THRESHOLD and the
    /// like: a root does not follow its predecessor; ROOT_EXPIRED, ISSUED_AHEAD: the last one.</exception>
    public async Task<(int Added, ulong Version)> PutRootsAsync(
        Caller caller, string name, IReadOnlyList<ReadOnlyMemory<byte>> envelopes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(envelopes);
        caller.DemandPublish(name);
        if (envelopes.Count is 0 or > MaxRoots)
            throw new ChunkOtaException(
                ErrorCodes.Usage, $"{envelopes.Count} trust roots: send 1 to {MaxRoots} a call");
        var identities = catalogue.Identities;
        var product = await identities.GetProductAsync(name, cancellationToken);
        var known = (await identities.ListRootsAsync(name, 0, MaxRoots, cancellationToken))
            .Select(root => root.Digest).ToHashSet();
        var newest = product.VerifyRoot();
        List<RootRecord> added = [];
        foreach (var bytes in envelopes)
        {
            var envelope = SignedDocument.Parse(bytes);
            if (known.Contains(SignedDocument.DigestOf(envelope))) continue;
            newest = VerifiedRoot.Next(envelope, newest);
            added.Add(new RootRecord(newest.Version, newest.Digest, newest.Expires, bytes));
        }

        if (added.Count == 0) return (0, newest.Version);
        if (known.Count + added.Count > MaxRoots)
            throw new ChunkOtaException(ErrorCodes.RootChain, $"product {name} has {MaxRoots} trust roots: no more");
        newest.CheckFresh(clock.GetUtcNow());
        newest.CheckIssued(clock.GetUtcNow(), "the server");
        await identities.AddRootsAsync(name, product.Root.Digest, added, cancellationToken);
        await documents.StoreAsync(added.Select(root => root.Digest), cancellationToken);
        LogFollowed(name, newest.Version, newest.Digest, caller.Id);
        return (added.Count, newest.Version);
    }

    /// <summary>The products that the caller can see.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public async Task<IReadOnlyList<ProductRecord>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandReader();
        var products = await catalogue.Identities.ListProductsAsync(cancellationToken);
        return [.. products.Where(product => caller.MayRead(product.Name))];
    }

    /// <summary>The figures of a product, or of all products that the caller can see.</summary>
    /// <param name="caller">The holder of a token.</param>
    /// <param name="product">Null for all.</param>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN.</exception>
    public async Task<ServerFigures> ReadFiguresAsync(
        Caller caller, string? product, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandReader();
        var scope = await catalogue.Identities.GetScopeAsync(caller, product, cancellationToken);
        List<ReleaseRecord> releases = [];
        for (var query = new ReleaseQuery { Product = scope }; ;)
        {
            var page = await catalogue.Releases.ListReleasesAsync(query, cancellationToken);
            releases.AddRange(page.Releases);
            if (page.NextPageToken is null) break;
            query = query with { PageToken = page.NextPageToken };
        }

        var products = await catalogue.Releases.ReadProductFiguresAsync(scope, cancellationToken);
        var store = await catalogue.Releases.ReadStoreFiguresAsync(cancellationToken);
        var condition = new StoreCondition(
            await catalogue.Damage.CountAsync(cancellationToken),
            (await catalogue.Scrubs.ReadAsync(ScrubDepth.Quick, cancellationToken)).Finished?.At,
            (await catalogue.Scrubs.ReadAsync(ScrubDepth.Full, cancellationToken)).Finished?.At);
        var collection = await catalogue.Collection.ReadStateAsync(cancellationToken);
        return new ServerFigures(releases, products, store, condition, collection);
    }

    [LoggerMessage(4030, LogLevel.Information,
        "Product {Product} registered with first root {Root}, new {IsNew}, by {Caller}")]
    private partial void LogCreated(string product, Digest root, bool isNew, string caller);

    [LoggerMessage(4037, LogLevel.Information, "Quota of product {Product}: {Quota}, by {Caller}")]
    private partial void LogQuota(string product, string quota, string caller);

    [LoggerMessage(4035, LogLevel.Information, "Product {Product} has trust root {Version}, {Root}, by {Caller}")]
    private partial void LogFollowed(string product, ulong version, Digest root, string caller);
}
