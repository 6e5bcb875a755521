namespace ChunkOta.Server;

/// <summary>What kind of caller it is; each may do what the ones before it may not.</summary>
internal enum CallerRole
{
    Device,
    Reader,
    Publisher,
    Admin,
}

/// <summary>Who makes a call, after it was proved, and what that allows.</summary>
/// <param name="Id">The token's or device's id: fit for logs.</param>
/// <param name="Product">The only product it may see; null for every one.</param>
/// <param name="Channel">Devices only: the channel they were enrolled for.</param>
internal sealed record Caller(CallerRole Role, string Id, string? Product, string? Channel = null)
{
    /// <summary>Whether it may see a product and its releases.</summary>
    public bool MayRead(string product) => Product is null || Product == product;

    /// <summary>Passes whoever may see the product.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public void DemandRead(string product)
    {
        if (!MayRead(product)) throw NotAllowed($"product {product}");
    }

    /// <summary>Passes whoever may publish the product.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public void DemandPublish(string product)
    {
        if (Role < CallerRole.Publisher || !MayRead(product)) throw NotAllowed($"publishing product {product}");
    }

    /// <summary>Passes whoever holds a token, not devices.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public void DemandReader()
    {
        if (Role < CallerRole.Reader) throw NotAllowed("figures and lists");
    }

    /// <summary>Passes administrators.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public void DemandAdmin()
    {
        if (Role < CallerRole.Admin) throw NotAllowed("administration");
    }

    private ChunkOtaException NotAllowed(string what) =>
        new(ErrorCodes.NotAllowed, $"{Role} {Id} may not do this ({what}); ask for a token that allows it");
}
