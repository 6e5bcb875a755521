namespace ChunkOta.Storage;

/// <summary>The rules by which channels are deleted.</summary>
public static class ChannelRules
{
    /// <summary>Deletes a channel for one platform or for all.</summary>
    /// <param name="transaction">The state.</param>
    /// <param name="product">The product's name.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="platform">The platform; null for all.</param>
    /// <param name="evenIfFollowed">Delete it even if devices follow it.</param>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>; <c>CHANNEL_UNKNOWN</c>; <c>IN_USE</c>:
    /// devices follow it.</exception>
    public static DeletedChannel Delete(
        IPointerTransaction transaction, string product, string channel, string? platform, bool evenIfFollowed)
    {
        ExistenceRules.CheckProduct(transaction, product);
        var platforms = transaction.ListLiveChannels(product)
            .Where(known => known.Channel == channel && (platform is null || known.Platform == platform))
            .Select(known => known.Platform).Order(StringComparer.Ordinal).ToList();
        if (platforms.Count == 0)
        {
            throw new ChunkOtaException(
                ErrorCodes.ChannelUnknown,
                $"unknown channel of {product}{(platform is null ? "" : $" for {platform}")}: {channel}: list the "
                + "channels there are");
        }

        var devices = platforms.Sum(each => transaction.CountFollowers(product, each, channel));
        if (devices > 0 && !evenIfFollowed)
        {
            throw new ChunkOtaException(
                ErrorCodes.InUse,
                $"channel {channel} of {product} was not deleted: {devices} devices follow it and would get nothing "
                + "any more: move them to another channel, or force it");
        }

        foreach (var each in platforms)
            transaction.DeleteChannel(product, each, channel);
        return new DeletedChannel(platforms, devices);
    }
}
