using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The products, channels and releases that exist, as one transaction sees it.</summary>
public interface ICatalogueLookup
{
    /// <summary>True when a product of the name is registered.</summary>
    bool HasProduct(string name);

    /// <summary>The product and the platform of a visible release; null when no visible release has the
    /// manifest.</summary>
    (string Product, string Platform)? FindLine(Digest manifest);

    /// <summary>The channels of a product, of whatever platform, sorted, each once.</summary>
    IReadOnlyList<string> ListChannels(string product);

    /// <summary>The platforms that a product has visible releases for, sorted, each once.</summary>
    IReadOnlyList<string> ListPlatforms(string product);

    /// <summary>The highest counter that a product and platform ever had; null before the first release.</summary>
    ulong? FindHighestCounter(string product, string platform);

    /// <summary>The lowest number that may be given out since the catalogue was restored; 0 if it never was.</summary>
    ulong ReadLeastNumber();

    /// <summary>The bytes of a product that exists, and its quota.</summary>
    ProductUse FindUse(string product);

    /// <summary>The size of a channel's current release; before the channel's first release that of the platform's
    /// newest, and null before that one.</summary>
    ReleaseSize? FindPreviousSize(string product, string platform, string channel);
}
