using System.Security.Cryptography;
using System.Text;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The products that share stored content. One domain never finds, reads or removes what another one
/// has (docs/adr/0043).</summary>
/// <remarks>
/// Within its domain, content is named by its digest, combined with the mask of the domain. The mask of the shared
/// domain is zero, so there a name is the digest itself. Content of two domains has different names, hence rows and
/// objects of its own. Masks are secret: whoever knows one can ask a domain for content of another one, by digests that
/// are combined with it.
/// </remarks>
public sealed record DedupDomain
{
    private const int SecretBytes = 16;

    private static readonly byte[] Prefix = Encoding.UTF8.GetBytes("chunkota dedup domain of product ");

    private DedupDomain(Digest mask) => Mask = mask;

    /// <summary>The domain of all products that are not isolated.</summary>
    public static DedupDomain Shared { get; } = new(default(Digest));

    /// <summary>Combined with each digest; zero for the shared domain.</summary>
    public Digest Mask { get; }

    /// <summary>True for <see cref="Shared"/>.</summary>
    public bool IsShared => Mask.IsZero;

    /// <summary>The bytes of the mask that the objects of its recipes end with; 0 in the shared domain.</summary>
    public int MaskBytes => IsShared ? 0 : Digest.Size;

    /// <summary>A domain for a new isolated product: its mask is a random secret, then a digest of the secret and the
    /// product's name.</summary>
    public static DedupDomain Create(string product) => Of(RandomNumberGenerator.GetBytes(SecretBytes), product);

    /// <summary>The domain of a mask.</summary>
    public static DedupDomain OfMask(Digest mask) => mask.IsZero ? Shared : new DedupDomain(mask);

    /// <summary>Tells whether <see cref="Create"/> made it for a product.</summary>
    public bool IsOf(string product)
    {
        Span<byte> mask = stackalloc byte[Digest.Size];
        Mask.CopyTo(mask);
        return this == Of(mask[..SecretBytes], product);
    }

    /// <summary>The name of content in this domain.</summary>
    /// <param name="digest">The digest of the content.</param>
    public Digest NameOf(Digest digest) => digest ^ Mask;

    /// <summary>The digest of content from its name in this domain.</summary>
    public Digest DigestOf(Digest name) => name ^ Mask;

    /// <summary>The names of contents, in order.</summary>
    /// <returns>In the shared domain, the digests in the same memory.</returns>
    public ReadOnlyMemory<Digest> NamesOf(ReadOnlyMemory<Digest> digests)
    {
        if (IsShared) return digests;
        var names = digests.ToArray();
        for (var i = 0; i < names.Length; i++) names[i] = NameOf(names[i]);
        return names;
    }

    private static DedupDomain Of(ReadOnlySpan<byte> secret, string product)
    {
        Span<byte> mask = stackalloc byte[Digest.Size];
        Digest.Of([.. Prefix, .. secret, .. Encoding.UTF8.GetBytes(product)]).CopyTo(mask);
        secret.CopyTo(mask);
        return new DedupDomain(Digest.FromBytes(mask));
    }
}
