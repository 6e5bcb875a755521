using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Finds the files of which the store lost a recipe or a chunk.</summary>
/// <remarks>The catalogue knows which files a product had, not which chunks they have: recipes say that. They are read
/// only while something is lost. Any number of calls at once.</remarks>
/// <param name="catalogue">Has chunks and marks.</param>
/// <param name="releases">Reads recipes.</param>
public sealed class StoredFiles(ICatalogue catalogue, ReleaseReader releases)
{
    private const int BatchChunks = 8192;

    /// <summary>The whole files that a product has and the store can deliver, in order; null for others.</summary>
    /// <param name="product">The product's name.</param>
    /// <param name="digests">The digests of the files.</param>
    public async ValueTask<IReadOnlyList<KnownFile?>> FindAsync(
        string product, IReadOnlyList<Digest> digests, CancellationToken cancellationToken)
    {
        var found = await catalogue.Releases.FindFilesAsync(product, digests, cancellationToken).ConfigureAwait(false);
        if (!await catalogue.Damage.HasAnyAsync(cancellationToken).ConfigureAwait(false)
            || await catalogue.Identities.FindProductAsync(product, cancellationToken).ConfigureAwait(false)
                is not { } owner)
            return found;
        var files = found.OfType<KnownFile>().ToList();
        var isLost = await FindLostAsync(files, owner.Domain, owner.Cut, cancellationToken).ConfigureAwait(false);
        var lost = files.Where((_, index) => isLost[index]).Select(file => file.Digest).ToHashSet();
        return [.. found.Select(file => file is { } known && lost.Contains(known.Digest) ? null : file)];
    }

    /// <summary>Tells of each file, in order, whether its recipe or one of its chunks is lost.</summary>
    /// <param name="files">The files.</param>
    /// <param name="domain">The domain of their product.</param>
    /// <param name="cut">The parameters that they are cut with.</param>
    public async ValueTask<bool[]> FindLostAsync(
        IReadOnlyList<KnownFile> files, DedupDomain domain, CutParameters cut, CancellationToken cancellationToken)
    {
        var isLost = new bool[files.Count];
        var recipes = files.Select(file => file.Recipe).OfType<Digest>().Distinct().ToList();
        var lengths = await catalogue.Chunks.FindRecipeBytesAsync(domain, recipes, cancellationToken)
            .ConfigureAwait(false);
        var known = recipes.Where((_, index) => lengths[index] > 0).ToHashSet();
        List<(Digest Chunk, int File)> asked = [];
        for (var i = 0; i < files.Count; i++)
        {
            isLost[i] = files[i].Recipe is { } recipe && !known.Contains(recipe);
            if (isLost[i]) continue;
            var chunks = await FindChunksAsync(files[i], domain, cut, cancellationToken).ConfigureAwait(false);
            foreach (var chunk in chunks ?? []) asked.Add((chunk.Hash, i));
            isLost[i] = asked.Count == 0 || asked[^1].File != i;
            if (asked.Count >= BatchChunks)
                await AskAsync(domain, asked, isLost, cancellationToken).ConfigureAwait(false);
        }

        await AskAsync(domain, asked, isLost, cancellationToken).ConfigureAwait(false);
        return isLost;
    }

    /// <summary>The chunks of a file; null when its recipe cannot be read.</summary>
    private async ValueTask<IReadOnlyList<ChunkRef>?> FindChunksAsync(
        KnownFile file, DedupDomain domain, CutParameters cut, CancellationToken cancellationToken)
    {
        try
        {
            return await releases.GetChunksAsync(
                new ReleaseFile(0, "", file.Size, file.Digest, file.Recipe) { Domain = domain }, cut, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (StoreFailedException failure) when (failure is ObjectMissingException or ObjectDamagedException)
        {
            return null;
        }
    }

    private async ValueTask AskAsync(
        DedupDomain domain, List<(Digest Chunk, int File)> asked, bool[] isLost, CancellationToken cancellationToken)
    {
        foreach (var batch in asked.Chunk(BatchChunks))
        {
            var missing = new byte[(batch.Length + 7) / 8];
            _ = await catalogue.Chunks.FindMissingAsync(
                domain, Array.ConvertAll(batch, one => one.Chunk), missing, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < batch.Length; i++)
                isLost[batch[i].File] |= (missing[i / 8] & (1 << (i % 8))) != 0;
        }

        asked.Clear();
    }
}
