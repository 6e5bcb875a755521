using System.Buffers;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Fetches recipes that this device lacks, and verifies each by its digest before it is kept.</summary>
/// <param name="source">The source of the recipes.</param>
/// <param name="release">The release.</param>
/// <param name="recipes">Gets them.</param>
/// <param name="monitor">Told of each wait.</param>
internal sealed class RecipeFetch(
    IReleaseSource source, ReleaseContents release, RecipeBundle recipes, RunMonitor monitor)
{
    private const int EntriesPerCall = 4096;

    private int _done;

    /// <summary>Fetches the recipes of some entries.</summary>
    /// <param name="entries">Indexes of entries that have a recipe, ascending.</param>
    /// <exception cref="ChunkOtaException"><c>DIGEST_MISMATCH</c>: a recipe is not the one that was signed.
    /// <c>TOO_LARGE</c>: more came than its file can need.
    /// The server's last failure when it fails five times without bringing anything.</exception>
    public Task RunAsync(IReadOnlyList<int> entries, CancellationToken cancellationToken)
    {
        _done = 0;
        return new PersistentTransfer(monitor).RunAsync(
            () => entries.Count - _done,
            token => FetchAsync([.. entries.Skip(_done).Take(EntriesPerCall)], token),
            () => new ChunkOtaException(ErrorCodes.DigestMismatch, "the server sent none of the recipes asked for"),
            cancellationToken);
    }

    private async Task FetchAsync(int[] batch, CancellationToken cancellationToken)
    {
        var (index, recipe) = (0, new ArrayBufferWriter<byte>());
        var parts = source.FetchRecipesAsync(release.Digest, batch, cancellationToken);
        await foreach (var part in parts.ConfigureAwait(false))
        {
            while (index < batch.Length && part.Entry != batch[index])
                Keep(batch[index++], recipe);
            if (index == batch.Length)
            {
                throw new ChunkOtaException(
                    ErrorCodes.DigestMismatch, "the server sent a recipe that was not asked for");
            }
            if (recipe.WrittenCount + (long)part.Bytes.Length > MaxBytesOf(batch[index]))
            {
                throw new ChunkOtaException(
                    ErrorCodes.TooLarge,
                    $"the recipe of {release.Entries[batch[index]].Path} is too long for its file");
            }
            recipe.Write(part.Bytes.Span);
        }
        while (index < batch.Length)
            Keep(batch[index++], recipe);
    }

    private void Keep(int entryIndex, ArrayBufferWriter<byte> recipe)
    {
        var entry = release.Entries[entryIndex];
        var digest = Digest.FromBytes(entry.Recipe.Span);
        if (Digest.Of(recipe.WrittenSpan) != digest)
        {
            throw new ChunkOtaException(
                ErrorCodes.DigestMismatch, $"the recipe of {entry.Path} is not the one that was signed");
        }
        recipes.Add(digest, recipe.WrittenSpan.ToArray());
        recipe.ResetWrittenCount();
        _done++;
    }

    private long MaxBytesOf(int entryIndex) => Recipe.MaxBytes(release.Entries[entryIndex].Size, release.Cut);
}
