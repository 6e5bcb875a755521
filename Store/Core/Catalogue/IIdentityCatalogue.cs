namespace ChunkOta.Storage;

/// <summary>Products with their trust roots, tokens, and devices. Any number of callers at once.</summary>
public interface IIdentityCatalogue
{
    /// <summary>Registers a product.</summary>
    /// <returns>False when it was there already, the same.</returns>
    /// <exception cref="CatalogueRefusedException"><c>PRODUCT_TAKEN</c>: there with another first root or another
    /// cut.</exception>
    Task<bool> CreateProductAsync(NewProduct product, CancellationToken cancellationToken = default);

    /// <summary>A product; null when there is none of this name.</summary>
    ValueTask<ProductRecord?> FindProductAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>All products, by name.</summary>
    ValueTask<IReadOnlyList<ProductRecord>> ListProductsAsync(CancellationToken cancellationToken = default);

    /// <summary>The trust roots of a product after a version, in order.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="afterVersion">0 for all.</param>
    /// <param name="max">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<IReadOnlyList<RootRecord>> ListRootsAsync(
        string product, ulong afterVersion, int max, CancellationToken cancellationToken = default);

    /// <summary>Stores a token. When it returns, that survives a power cut.</summary>
    /// <exception cref="CatalogueRefusedException"><c>PRODUCT_UNKNOWN</c>.</exception>
    Task AddTokenAsync(TokenRecord token, CancellationToken cancellationToken = default);

    /// <summary>A token by its id, revoked and expired ones included; null when there is none.</summary>
    ValueTask<TokenRecord?> FindTokenAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>All tokens, the oldest first.</summary>
    ValueTask<IReadOnlyList<TokenRecord>> ListTokensAsync(CancellationToken cancellationToken = default);

    /// <summary>Ends a token; again is fine.</summary>
    /// <exception cref="CatalogueRefusedException"><c>TOKEN_UNKNOWN</c>.</exception>
    Task RevokeTokenAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Enrols a device and counts a use of its token: both in one transaction, or neither.</summary>
    /// <remarks>The same key with the same token gets the same device again and counts no use.</remarks>
    /// <exception cref="CatalogueRefusedException">
    /// <c>TOKEN_INVALID</c>: unknown, no install token, revoked or used up; <c>TOKEN_EXPIRED</c>.
    /// </exception>
    Task<DeviceRecord> EnrolAsync(Enrolment enrolment, CancellationToken cancellationToken = default);

    /// <summary>A device; null when there is none of this id.</summary>
    ValueTask<DeviceRecord?> FindDeviceAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Keeps what a device said, in place of what it said before.</summary>
    /// <exception cref="CatalogueRefusedException"><c>DEVICE_UNKNOWN</c>.</exception>
    Task PutReportAsync(DeviceReport report, CancellationToken cancellationToken = default);

    /// <summary>The releases that devices last said they run, and how many devices each; most devices first.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<IReadOnlyList<RunningRelease>> ListRunningAsync(
        string product, CancellationToken cancellationToken = default);

    /// <summary>The same of the devices of one channel; null: of all.</summary>
    ValueTask<IReadOnlyList<RunningRelease>> ListRunningAsync(
        string product, string? channel, CancellationToken cancellationToken = default);

    /// <summary>What a device last said; null before the first time.</summary>
    ValueTask<DeviceReport?> FindReportAsync(string deviceId, CancellationToken cancellationToken = default);
}
