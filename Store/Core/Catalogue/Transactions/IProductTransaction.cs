using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The state that <see cref="ProductRules"/> reads and changes in one transaction.</summary>
public interface IProductTransaction : ICatalogueLookup
{
    /// <summary>The product of a name; null when there is none.</summary>
    ProductRecord? FindProduct(string name);

    /// <summary>Adds a product and its first trust root.</summary>
    void AddProduct(string name, CutParameters cut, RootRecord firstRoot, DedupDomain domain);

    /// <summary>Sets the quota of a product that exists; null removes it.</summary>
    void SetQuota(string product, long? bytes);

    /// <summary>Adds a trust root to a product that exists.</summary>
    void AddRoot(string product, RootRecord root);

    /// <summary>Adds a token. Its product, if any, is registered.</summary>
    void AddToken(TokenRecord token);

    /// <summary>Revokes a token.</summary>
    /// <returns>False when there is none of this id.</returns>
    bool RevokeToken(string id);

    /// <summary>True when there is an admin token that is neither revoked nor expired.</summary>
    bool HasAdminToken(DateTimeOffset now);
}
