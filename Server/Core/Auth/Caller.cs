using ChunkOta.Protos;

namespace ChunkOta.Server.Core;

/// <summary>An authenticated caller and the permissions that follow from it.</summary>
/// <param name="Role">Its kind.</param>
/// <param name="Id">The token's or device's id; safe to log.</param>
/// <param name="Product">The only product that the caller can see; null for all products.</param>
/// <param name="Channel">The channel that a device was enrolled for; null for tokens.</param>
public sealed record Caller(CallerRole Role, string Id, string? Product, string? Channel = null)
{
    /// <summary>True when the caller can see the product and its releases.</summary>
    public bool MayRead(string product) => Product is null || Product == product;

    /// <summary>Refuses callers that cannot see the product.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public void DemandRead(string product)
    {
        if (!MayRead(product)) throw NotAllowed($"reading product {OneLine.Of(product)}");
    }

    /// <summary>Refuses callers that cannot publish the product.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public void DemandPublish(string product)
    {
        if (Role < CallerRole.Publisher || !MayRead(product))
            throw NotAllowed($"publishing product {OneLine.Of(product)}");
    }

    /// <summary>Refuses devices.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public void DemandReader()
    {
        if (Role < CallerRole.Reader) throw NotAllowed("figures and lists");
    }

    /// <summary>Refuses callers that are not administrators.</summary>
    /// <exception cref="ChunkOtaException">NOT_ALLOWED.</exception>
    public void DemandAdmin()
    {
        if (Role < CallerRole.Admin) throw NotAllowed("administration");
    }

    private ChunkOtaException NotAllowed(string what) => new(
        ErrorCodes.NotAllowed,
        $"not allowed for {Role.ToString().ToLowerInvariant()} {Id}: {what}: use a token that allows it");
}
