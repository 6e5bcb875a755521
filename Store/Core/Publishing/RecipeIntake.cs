using System.Buffers;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Receives recipes in pieces and stores them in batches.</summary>
/// <remarks>
/// For one stream of one caller. The commit checks that a recipe produces its file; here only its form is checked. All
/// added recipes are durable when <see cref="FinishAsync"/> has returned.
/// </remarks>
/// <param name="objects">The store that recipes are written to.</param>
/// <param name="catalogue">Lists recipes once they are durable.</param>
/// <param name="publish">The publish that brings them.</param>
public sealed class RecipeIntake(IObjectStore objects, ICatalogue catalogue, PublishLease publish)
{
    /// <summary>The longest accepted recipe: that of a file of about 100 GB.</summary>
    public const int MaxRecipeBytes = 64 * 1024 * 1024;

    private const int MaxBatchBytes = 4 * 1024 * 1024;
    private const int MaxBatchCount = 1024;

    private readonly List<ObjectContent> _batch = [];
    private readonly ArrayBufferWriter<byte> _current = new();
    private long _batchBytes;

    /// <summary>Recipes stored so far.</summary>
    public int Recipes { get; private set; }

    /// <summary>Their bytes.</summary>
    public long StoredBytes { get; private set; }

    /// <summary>Adds the next bytes.</summary>
    /// <param name="piece">Not used after this returns.</param>
    /// <param name="ends">True for the last piece of a recipe.</param>
    /// <exception cref="ChunkOtaException">TOO_LARGE; MANIFEST_INVALID: no
    /// recipe has this form; STORE_FULL; QUOTA_EXCEEDED; STORE_UNAVAILABLE.</exception>
    public async ValueTask AddAsync(ReadOnlyMemory<byte> piece, bool ends, CancellationToken cancellationToken)
    {
        if (_current.WrittenCount + (long)piece.Length > MaxRecipeBytes)
            throw new ChunkOtaException(
                ErrorCodes.TooLarge,
                $"a recipe has more than {SizeText.Of(MaxRecipeBytes)}: cut the file into larger chunks");
        _current.Write(piece.Span);
        if (!ends) return;

        var bytes = _current.WrittenSpan.ToArray();
        _current.ResetWrittenCount();
        if (bytes.Length % Recipe.BytesPerChunk != 0 || bytes.Length < 2 * Recipe.BytesPerChunk)
            throw new ManifestInvalidException(
                ErrorCodes.ManifestInvalid, $"{bytes.Length} bytes are not a recipe of two or more chunks");

        var name = ObjectName.Recipe(publish.Domain, Digest.Of(bytes));
        // The mask makes it an object of this domain, which verifies without the catalogue.
        if (!publish.Domain.IsShared) bytes = [.. bytes, .. publish.Domain.Mask.ToArray()];
        _batch.Add(new ObjectContent(name, bytes));
        _batchBytes += bytes.Length;
        if (_batch.Count >= MaxBatchCount || _batchBytes >= MaxBatchBytes)
            await StoreAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes all added recipes durable and lists them.</summary>
    /// <exception cref="ChunkOtaException">MANIFEST_INVALID: the last
    /// recipe was not ended; STORE_FULL; STORE_UNAVAILABLE.</exception>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (_current.WrittenCount != 0)
            throw new ManifestInvalidException(ErrorCodes.ManifestInvalid, "the last recipe was not ended");
        await StoreAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task StoreAsync(CancellationToken cancellationToken)
    {
        if (_batch.Count == 0) return;

        await catalogue.Publishes.CheckQuotaAsync(publish.Product, _batchBytes, cancellationToken)
            .ConfigureAwait(false);
        await ObjectArrivals.PutAsync(objects, catalogue.Chunks, _batch, cancellationToken).ConfigureAwait(false);
        var stored = _batch.ConvertAll(recipe => new StoredRecipe(recipe.Name.Digest, recipe.Content.Length));
        await catalogue.Chunks.AddRecipesAsync(stored, publish.Id, cancellationToken).ConfigureAwait(false);
        Recipes += _batch.Count;
        StoredBytes += _batchBytes;
        _batch.Clear();
        _batchBytes = 0;
    }
}
