using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The existence of products and releases, as one transaction sees it.</summary>
public interface ICatalogueLookup
{
    /// <summary>True when a product of the name is registered.</summary>
    bool HasProduct(string name);

    /// <summary>The product and the platform of a visible release; null when no visible release has the
    /// manifest.</summary>
    (string Product, string Platform)? FindLine(Digest manifest);
}
