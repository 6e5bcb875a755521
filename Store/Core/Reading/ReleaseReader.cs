using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Storage;

/// <summary>Reads manifests and recipes, verifies each by its name, and caches the most recently used.</summary>
/// <remarks>Safe for any number of callers at once.</remarks>
/// <param name="objects">The store of manifests and recipes.</param>
/// <param name="identities">Has the domains of products.</param>
/// <param name="manifestCacheBytes">Memory for listings.</param>
/// <param name="recipeCacheBytes">Memory for recipes.</param>
public sealed class ReleaseReader(
    IObjectReader objects, IIdentityCatalogue identities, long manifestCacheBytes, long recipeCacheBytes)
{
    private const long MaxManifestObjectBytes = 300L * 1024 * 1024;

    private readonly DedupDomains _domains = new(identities);
    private readonly ByteBoundedCache<Digest, ReleaseListing> _listings = new(manifestCacheBytes);
    private readonly ByteBoundedCache<(DedupDomain Domain, Digest Recipe), Recipe> _recipes = new(recipeCacheBytes);

    /// <summary>A visible release's manifest as it was signed.</summary>
    /// <param name="manifest">The digest of its payload.</param>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE: it is gone; OBJECT_DAMAGED.</exception>
    public async ValueTask<Envelope> GetManifestAsync(Digest manifest, CancellationToken cancellationToken)
    {
        var bytes = await ReadWholeAsync(ObjectName.Manifest(manifest), cancellationToken).ConfigureAwait(false);
        return Parse(manifest, bytes);
    }

    /// <summary>A visible release's files.</summary>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE: its manifest is gone; OBJECT_DAMAGED.</exception>
    public async ValueTask<ReleaseListing> GetListingAsync(Digest manifest, CancellationToken cancellationToken)
    {
        if (_listings.Find(manifest) is { } known) return known;

        var envelope = await GetManifestAsync(manifest, cancellationToken).ConfigureAwait(false);
        var listing = await ReadListingAsync(envelope.Payload, cancellationToken).ConfigureAwait(false);
        _listings.Keep(manifest, listing, listing.Bytes);
        return listing;
    }

    /// <summary>The domain of a product.</summary>
    /// <exception cref="ChunkOtaException">PRODUCT_UNKNOWN.</exception>
    public ValueTask<DedupDomain> GetDomainAsync(string product, CancellationToken cancellationToken) =>
        _domains.GetAsync(product, cancellationToken);

    /// <summary>The files of a manifest that was verified.</summary>
    /// <exception cref="ChunkOtaException">OBJECT_DAMAGED: it cannot be read; PRODUCT_UNKNOWN.</exception>
    internal async ValueTask<ReleaseListing> ReadListingAsync(ByteString payload, CancellationToken cancellationToken)
    {
        var product = ReleaseListing.ReadProduct(payload);
        var domain = await _domains.GetAsync(product, cancellationToken).ConfigureAwait(false);
        return ReleaseListing.Read(payload, domain);
    }

    /// <summary>The recipe of a file that has one.</summary>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE: it is gone; OBJECT_DAMAGED.</exception>
    public async ValueTask<Recipe> GetRecipeAsync(
        ReleaseFile file, CutParameters cut, CancellationToken cancellationToken)
    {
        var digest = file.Recipe ?? throw new ArgumentException("a file of one chunk has no recipe", nameof(file));
        var name = ObjectName.Recipe(file.Domain, digest);
        if (_recipes.Find((file.Domain, digest)) is { } known) return known;

        var bytes = await ReadWholeAsync(name, cancellationToken).ConfigureAwait(false);
        try
        {
            var content = bytes.AsSpan(0, Math.Max(0, bytes.Length - file.Domain.MaskBytes));
            var recipe = Recipe.Parse(content, digest, (ulong)file.Size, cut);
            _recipes.Keep((file.Domain, digest), recipe, 2L * bytes.Length);
            return recipe;
        }
        catch (ManifestInvalidException failure)
        {
            throw Damaged(name, "it is not a recipe of its file", failure);
        }
    }

    /// <summary>The chunks of a file, in order, whether it has a recipe or is one chunk.</summary>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE: its recipe is gone; OBJECT_DAMAGED.</exception>
    public async ValueTask<IReadOnlyList<ChunkRef>> GetChunksAsync(
        ReleaseFile file, CutParameters cut, CancellationToken cancellationToken) =>
        file.Recipe is null
            ? [new ChunkRef(file.Digest, (int)file.Size)]
            : (await GetRecipeAsync(file, cut, cancellationToken).ConfigureAwait(false)).Chunks;

    private async ValueTask<byte[]> ReadWholeAsync(ObjectName name, CancellationToken cancellationToken)
    {
        var length = await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false)
            ?? throw new ObjectMissingException(name);
        if (length > MaxManifestObjectBytes)
            throw Damaged(name, $"it has {length} bytes");
        var bytes = new byte[length];
        await objects.ReadAsync(name, 0, bytes, cancellationToken).ConfigureAwait(false);
        return bytes;
    }

    private static Envelope Parse(Digest manifest, byte[] bytes)
    {
        var name = ObjectName.Manifest(manifest);
        try
        {
            var envelope = Envelope.Parser.ParseFrom(bytes);
            return SignedDocument.DigestOf(envelope) == manifest
                ? envelope
                : throw Damaged(name, "its digest differs");
        }
        catch (InvalidProtocolBufferException failure)
        {
            throw Damaged(name, "it cannot be read", failure);
        }
    }

    private static ObjectDamagedException Damaged(ObjectName name, string why, Exception? failure = null) =>
        new($"object {name} is damaged: {why}", failure) { Name = name };
}
