using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Finds products that must exist.</summary>
internal static class ProductLookups
{
    /// <summary>A product by its name.</summary>
    /// <exception cref="ChunkOtaException">PRODUCT_UNKNOWN.</exception>
    public static async ValueTask<ProductRecord> GetProductAsync(
        this IIdentityCatalogue identities, string name, CancellationToken cancellationToken) =>
        await identities.FindProductAsync(name, cancellationToken)
            ?? throw new ChunkOtaException(
                ErrorCodes.ProductUnknown,
                $"unknown product: {OneLine.Of(name)}: create it with ota-admin products create");

    /// <summary>A visible release of a product, by its manifest.</summary>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN.</exception>
    public static async ValueTask<ReleaseRecord> GetReleaseOfAsync(
        this IReleaseCatalogue releases, string product, Digest manifest, CancellationToken cancellationToken) =>
        await releases.FindReleaseAsync(manifest, cancellationToken) is { } release && release.Product == product
            ? release
            : throw new ChunkOtaException(
                ErrorCodes.ReleaseUnknown, $"unknown release of {product}: manifest {manifest}: publish it first");

    /// <summary>A product that a device may read; any other gets the same answer as one that does not exist.</summary>
    /// <exception cref="ChunkOtaException">PRODUCT_UNKNOWN.</exception>
    public static async ValueTask<ProductRecord> GetProductOfDeviceAsync(
        this IIdentityCatalogue identities, Caller caller, string name, CancellationToken cancellationToken) =>
        caller.MayRead(name) && await identities.FindProductAsync(name, cancellationToken) is { } product
            ? product
            : throw new ChunkOtaException(
                ErrorCodes.ProductUnknown,
                $"unknown product for this device: {OneLine.Of(name)}: enrol it with a token of that product");

    /// <summary>The product that a list is limited to: the one that was asked for, else the caller's only one; null for
    /// all products.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED, PRODUCT_UNKNOWN.</exception>
    public static async ValueTask<string?> GetScopeAsync(
        this IIdentityCatalogue identities, Caller caller, string? asked, CancellationToken cancellationToken)
    {
        if ((asked ?? caller.Product) is not { } product) return null;
        caller.DemandRead(product);
        await identities.GetProductAsync(product, cancellationToken);
        return product;
    }
}
