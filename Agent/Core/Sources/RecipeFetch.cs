using System.Buffers;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Fetches recipes that this device lacks, and verifies each by its digest before it is kept.</summary>
/// <remarks>A stream that breaks is resumed within the recipe that it broke in: a large file has a large one.</remarks>
/// <param name="source">The source of the recipes.</param>
/// <param name="release">The release.</param>
/// <param name="recipes">Gets them.</param>
/// <param name="spool">Gets what has come, for a run that follows a kill; null for none.</param>
/// <param name="monitor">Told of each wait.</param>
internal sealed class RecipeFetch(
    IReleaseSource source, ReleaseContents release, RecipeBundle recipes, RecipeSpool? spool, RunMonitor monitor)
{
    private const int EntriesPerCall = 4096;
    private const int MaxRecipeBits = 40;

    /// <summary>The bytes that have come of the first recipe that is missing.</summary>
    private readonly ArrayBufferWriter<byte> _recipe = new();
    private int _done;
    private bool _isResumed;
    private Digest _restarted;

    /// <summary>Fetches the recipes of some entries.</summary>
    /// <param name="entries">Indexes of entries that have a recipe, ascending.</param>
    /// <exception cref="ChunkOtaException"><c>DIGEST_MISMATCH</c>: a recipe is not the one that was signed.
    /// <c>TOO_LARGE</c>: more came than its file can need.
    /// The server's last failure when it fails five times without bringing anything.</exception>
    public Task RunAsync(IReadOnlyList<int> entries, CancellationToken cancellationToken)
    {
        _done = 0;
        _recipe.ResetWrittenCount();
        if (entries.Count > 0 && spool?.FindBegun(DigestOf(entries[0])) is { } begun
            && begun.Length <= MaxBytesOf(entries[0]))
            _recipe.Write(begun.Span);
        return new PersistentTransfer(monitor).RunAsync(
            () => ((long)(entries.Count - _done) << MaxRecipeBits) - _recipe.WrittenCount,
            token => FetchOnceAsync([.. entries.Skip(_done).Take(EntriesPerCall)], token),
            () => new ChunkOtaException(ErrorCodes.DigestMismatch, "the server sent none of the recipes asked for"),
            cancellationToken);
    }

    private async Task FetchOnceAsync(int[] batch, CancellationToken cancellationToken)
    {
        _isResumed = _recipe.WrittenCount > 0;
        try
        {
            await FetchAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (ChunkOtaException e) when (e.Code == ErrorCodes.Usage && _isResumed)
        {
            // What an earlier run left is longer than the recipe.
            throw Restart(batch[0], e.Message);
        }
    }

    private async Task FetchAsync(int[] batch, CancellationToken cancellationToken)
    {
        var (index, offset) = (0, _recipe.WrittenCount);
        var parts = source.FetchRecipesAsync(release.Digest, batch, offset, cancellationToken);
        await foreach (var part in parts.ConfigureAwait(false))
        {
            // A server that knows no offset begins at the start.
            if (index == 0 && offset > 0 && part.Entry == batch[0] && part.Offset != offset)
                Drop(batch[0]);
            offset = 0;
            while (index < batch.Length && part.Entry != batch[index])
                Keep(batch[index++]);
            if (index == batch.Length)
            {
                throw new ChunkOtaException(
                    ErrorCodes.DigestMismatch, "the server sent a recipe that was not asked for");
            }
            if (_recipe.WrittenCount + (long)part.Bytes.Length > MaxBytesOf(batch[index]))
            {
                throw new ChunkOtaException(
                    ErrorCodes.TooLarge,
                    $"the recipe of {release.Entries[batch[index]].Path} is too long for its file");
            }
            _recipe.Write(part.Bytes.Span);
            if (!part.Bytes.IsEmpty)
                spool?.Add(DigestOf(batch[index]), part.Bytes.Span);
        }
        while (index < batch.Length)
            Keep(batch[index++]);
    }

    private void Keep(int entryIndex)
    {
        var digest = DigestOf(entryIndex);
        if (Digest.Of(_recipe.WrittenSpan) != digest)
        {
            var what = $"the recipe of {release.Entries[entryIndex].Path} is not the one that was signed";
            // Its beginning may be of a run that a power cut ended: it is fetched once more, whole.
            if (_isResumed && _restarted != digest)
                throw Restart(entryIndex, what);
            throw new ChunkOtaException(ErrorCodes.DigestMismatch, what);
        }
        recipes.Add(digest, _recipe.WrittenSpan.ToArray());
        _recipe.ResetWrittenCount();
        _isResumed = false;
        _done++;
    }

    /// <summary>Drops what has come of a recipe.</summary>
    /// <returns>The failure of this call, which is repeated.</returns>
    private ChunkOtaException Restart(int entryIndex, string what)
    {
        _restarted = DigestOf(entryIndex);
        Drop(entryIndex);
        return new ChunkOtaException(ErrorCodes.ServerUnavailable, $"{what}: it is fetched from its start");
    }

    private void Drop(int entryIndex)
    {
        _recipe.ResetWrittenCount();
        _isResumed = false;
        spool?.Add(DigestOf(entryIndex), []);
    }

    private Digest DigestOf(int entryIndex) => release.Entries[entryIndex].Recipe.ToDigest();

    private long MaxBytesOf(int entryIndex) => Recipe.MaxBytes(release.Entries[entryIndex].Size, release.Cut);
}
