using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The rules by which products and tokens are created and tokens revoked.</summary>
public static class ProductRules
{
    /// <summary>Registers a product. The same product again is accepted and changes nothing.</summary>
    /// <returns>False when it exists already.</returns>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_TAKEN</c>: it exists with another first root or with
    /// other cut parameters.</exception>
    /// <exception cref="ChunkOtaException"><c>ROOT_INVALID</c>: the root's version is too large.</exception>
    public static bool Create(IProductTransaction transaction, NewProduct product)
    {
        if (transaction.FindProduct(product.Name) is { } known)
        {
            if (known.FirstRoot == product.FirstRoot.Digest && (product.Cut is null || product.Cut == known.Cut))
                return false;
            throw new ChunkOtaException(
                ErrorCodes.ProductTaken,
                $"product {product.Name} exists with another trust root or other cut parameters: "
                + "choose another name, or use its own root");
        }

        var cut = product.Cut ?? CutParameters.Default;
        cut.Validate();
        ExistenceRules.CheckNumber(ErrorCodes.RootInvalid, product.FirstRoot.Version);
        transaction.AddProduct(product.Name, cut, product.FirstRoot, product.Domain);
        return true;
    }

    /// <summary>Adds trust roots that follow the newest one.</summary>
    /// <param name="transaction">The state.</param>
    /// <param name="name">The product's name.</param>
    /// <param name="after">The digest of the root that the first of them was verified against.</param>
    /// <param name="roots">Verified roots, in order.</param>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>, <c>ROOT_CHAIN</c>.</exception>
    /// <exception cref="ChunkOtaException"><c>ROOT_INVALID</c>: a version is too large.</exception>
    public static void AddRoots(
        IProductTransaction transaction, string name, Digest after, IReadOnlyList<RootRecord> roots)
    {
        ExistenceRules.CheckProduct(transaction, name);
        if (transaction.FindProduct(name)!.Root.Digest != after)
        {
            throw new ChunkOtaException(
                ErrorCodes.RootChain, $"another trust root of {name} came first: read it and sign the next one");
        }

        foreach (var root in roots)
        {
            ExistenceRules.CheckNumber(ErrorCodes.RootInvalid, root.Version);
            transaction.AddRoot(name, root);
        }
    }

    /// <summary>Adds a token.</summary>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>.</exception>
    public static void AddToken(IProductTransaction transaction, TokenRecord token)
    {
        if (token.Product is { } product)
            ExistenceRules.CheckProduct(transaction, product);
        transaction.AddToken(token);
    }

    /// <summary>Revokes a token. May be repeated.</summary>
    /// <param name="transaction">Has the tokens.</param>
    /// <param name="id">The token's id.</param>
    /// <param name="now">Tells which tokens have expired.</param>
    /// <exception cref="ChunkOtaException"><c>TOKEN_UNKNOWN</c>; <c>LAST_ADMIN_TOKEN</c>: nobody could
    /// administer the server.</exception>
    public static void RevokeToken(IProductTransaction transaction, string id, DateTimeOffset now)
    {
        var hadAdmin = transaction.HasAdminToken(now);
        if (!transaction.RevokeToken(id))
            throw new ChunkOtaException(ErrorCodes.TokenUnknown, $"unknown token {id}: list the tokens");
        // The exception undoes the transaction.
        if (hadAdmin && !transaction.HasAdminToken(now))
            throw new ChunkOtaException(
                ErrorCodes.LastAdminToken,
                $"token {id} is the last admin token: nobody could administer the server without it: create another "
                    + "first");
    }
}
