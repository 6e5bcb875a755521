using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The rules by which products and tokens are created and tokens revoked.</summary>
public static class ProductRules
{
    /// <summary>Registers a product. The same product again is accepted and changes nothing.</summary>
    /// <returns>False when it exists already.</returns>
    /// <exception cref="CatalogueRefusedException"><c>PRODUCT_TAKEN</c>: it exists with another first root or with
    /// other cut parameters.</exception>
    /// <exception cref="ChunkOtaException"><c>ROOT_INVALID</c>: the root's version is too large.</exception>
    public static bool Create(IProductTransaction transaction, NewProduct product)
    {
        if (transaction.FindProduct(product.Name) is { } known)
        {
            if (known.FirstRoot == product.FirstRoot.Digest && (product.Cut is null || product.Cut == known.Cut))
                return false;
            throw new CatalogueRefusedException(
                ErrorCodes.ProductTaken,
                $"product {product.Name} exists with another trust root or other cut parameters: "
                + "choose another name, or use its own root");
        }

        var cut = product.Cut ?? CutParameters.Default;
        cut.Validate();
        ExistenceRules.CheckNumber(ErrorCodes.RootInvalid, product.FirstRoot.Version);
        transaction.AddProduct(product.Name, cut, product.FirstRoot);
        return true;
    }

    /// <summary>Adds a token.</summary>
    /// <exception cref="CatalogueRefusedException"><c>PRODUCT_UNKNOWN</c>.</exception>
    public static void AddToken(IProductTransaction transaction, TokenRecord token)
    {
        if (token.Product is { } product)
            ExistenceRules.CheckProduct(transaction, product);
        transaction.AddToken(token);
    }

    /// <summary>Revokes a token. May be repeated.</summary>
    /// <exception cref="CatalogueRefusedException"><c>TOKEN_UNKNOWN</c>.</exception>
    public static void RevokeToken(IProductTransaction transaction, string id)
    {
        if (!transaction.RevokeToken(id))
            throw new CatalogueRefusedException(ErrorCodes.TokenUnknown, $"unknown token {id}: list the tokens");
    }
}
