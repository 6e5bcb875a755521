using System.Buffers;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Agent;

/// <summary>Fetches the recipes that this device lacks, each proved by its digest before it is kept.</summary>
/// <param name="source">Where to ask.</param>
/// <param name="target">The release.</param>
/// <param name="recipes">Where they are put.</param>
internal sealed class RecipeFetch(IReleaseSource source, WantedRelease target, RecipeBundle recipes)
{
    private const int EntriesPerCall = 4096;

    /// <summary>Fetches the recipes of some entries.</summary>
    /// <param name="entries">Numbers of entries that have a recipe, ascending.</param>
    /// <exception cref="ChunkOtaException"><c>DIGEST_MISMATCH</c>: a recipe is not the one that was signed.
    /// <c>TOO_LARGE</c>: more came than its file can need.</exception>
    public async Task RunAsync(IReadOnlyList<int> entries, CancellationToken cancellationToken)
    {
        for (var at = 0; at < entries.Count; at += EntriesPerCall)
        {
            var batch = new int[Math.Min(EntriesPerCall, entries.Count - at)];
            var request = new FetchRecipesRequest { ManifestDigest = target.Digest.ToByteString() };
            for (var i = 0; i < batch.Length; i++)
                request.Entries.Add((uint)(batch[i] = entries[at + i]));
            await FetchAsync(request, batch, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task FetchAsync(FetchRecipesRequest request, int[] batch, CancellationToken cancellationToken)
    {
        var (at, recipe) = (0, new ArrayBufferWriter<byte>());
        await foreach (var piece in source.FetchRecipesAsync(request, cancellationToken).ConfigureAwait(false))
        {
            while (at < batch.Length && piece.Entry != (uint)batch[at])
                Keep(batch[at++], recipe);
            if (at == batch.Length)
                throw new ChunkOtaException(ErrorCodes.DigestMismatch, "the server sent a recipe that was not asked for");
            if (recipe.WrittenCount + (long)piece.Data.Length > MostBytes(batch[at]))
            {
                throw new ChunkOtaException(
                    ErrorCodes.TooLarge, $"the recipe of {target.Entries[batch[at]].Path} is too long for its file");
            }
            recipe.Write(piece.Data.Span);
        }
        while (at < batch.Length)
            Keep(batch[at++], recipe);
    }

    private void Keep(int index, ArrayBufferWriter<byte> recipe)
    {
        var entry = target.Entries[index];
        var digest = Digest.FromBytes(entry.Recipe.Span);
        if (Digest.Of(recipe.WrittenSpan) != digest)
            throw new ChunkOtaException(ErrorCodes.DigestMismatch, $"the recipe of {entry.Path} is not the one signed");
        recipes.Add(digest, recipe.WrittenSpan.ToArray());
        recipe.ResetWrittenCount();
    }

    private long MostBytes(int index) => Recipe.MaxBytes(target.Entries[index].Size, target.Cut);
}
