namespace ChunkOta.Storage;

/// <summary>The rules about how many bytes a product may have in the store.</summary>
public static class QuotaRules
{
    /// <summary>The time for which an abandoned publish counts: nobody fills the disk by publishes that never
    /// end.</summary>
    internal static readonly TimeSpan AbandonedFor = TimeSpan.FromDays(1);

    /// <summary>Refuses bytes that would take a product above its quota, before they are stored.</summary>
    /// <param name="use">The product's use.</param>
    /// <param name="moreBytes">The bytes that are to be stored.</param>
    /// <exception cref="ChunkOtaException"><c>QUOTA_EXCEEDED</c>.</exception>
    public static void CheckUpload(ProductUse use, long moreBytes)
    {
        if (use.QuotaBytes is { } quota && use.StoredBytes + use.PendingBytes + moreBytes > quota)
            throw Exceeded(use, quota, use.StoredBytes + use.PendingBytes + moreBytes);
    }

    /// <summary>Refuses a release that takes its product above its quota, once its chunks are counted.</summary>
    /// <param name="use">The product's use with the release.</param>
    /// <exception cref="ChunkOtaException"><c>QUOTA_EXCEEDED</c>.</exception>
    public static void CheckCommit(ProductUse use)
    {
        if (use.QuotaBytes is { } quota && use.StoredBytes > quota)
            throw Exceeded(use, quota, use.StoredBytes);
    }

    /// <summary>Sets or removes a product's quota. What the product has stays, whatever the quota.</summary>
    /// <param name="transaction">The state.</param>
    /// <param name="product">The product's name.</param>
    /// <param name="bytes">The most bytes that it may have; null for any number.</param>
    /// <returns>The product's use.</returns>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>.</exception>
    public static ProductUse SetQuota(IProductTransaction transaction, string product, long? bytes)
    {
        ExistenceRules.CheckProduct(transaction, product);
        transaction.SetQuota(product, bytes);
        return transaction.FindUse(product);
    }

    private static ChunkOtaException Exceeded(ProductUse use, long quota, long bytes) => new(
        ErrorCodes.QuotaExceeded,
        $"the quota of product {use.Product} is exceeded: it would have {SizeText.Of(bytes)} of {SizeText.Of(quota)}: "
            + "publish less, or have the operator raise the quota");
}
