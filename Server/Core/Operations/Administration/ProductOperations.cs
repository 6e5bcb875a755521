using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Microsoft.Extensions.Logging;
using CutParameters = ChunkOta.Chunking.CutParameters;

namespace ChunkOta.Server.Core;

/// <summary>Registers and lists products, and reads the store's figures.</summary>
/// <param name="catalogue">Has the products.</param>
/// <param name="clock">Checked against the expiry of trust roots.</param>
/// <param name="log">Gets a line for each registration.</param>
public sealed partial class ProductOperations(
    ICatalogue catalogue, TimeProvider clock, ILogger<ProductOperations> log)
{
    private const int MaxProducts = 2000;

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
            new NewProduct(name, cut, record), cancellationToken);
        LogCreated(name, root.Digest, isNew, caller.Id);
        return isNew;
    }

    /// <summary>The products that the caller can see.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public async Task<IReadOnlyList<ProductRecord>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        caller.DemandReader();
        var products = await catalogue.Identities.ListProductsAsync(cancellationToken);
        return [.. products.Where(product => caller.MayRead(product.Name)).Take(MaxProducts)];
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
        var page = await catalogue.Releases.ListReleasesAsync(new ReleaseQuery { Product = scope }, cancellationToken);
        var products = await catalogue.Releases.ReadProductFiguresAsync(scope, cancellationToken);
        var store = await catalogue.Releases.ReadStoreFiguresAsync(cancellationToken);
        return new ServerFigures(page.Releases, [.. products.Take(MaxProducts)], store);
    }

    [LoggerMessage(4030, LogLevel.Information,
        "Product {Product} registered with first root {Root}, new {IsNew}, by {Caller}")]
    private partial void LogCreated(string product, Digest root, bool isNew, string caller);
}
