using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Collects the lost objects that files of one release need.</summary>
/// <param name="catalogue">Has the chunks and the marks.</param>
/// <param name="releases">Reads recipes.</param>
internal sealed class LostObjects(ICatalogue catalogue, ReleaseReader releases)
{
    private const int BatchChunks = 4096;

    private readonly HashSet<ObjectName> _names = [];

    /// <summary>The objects, each once.</summary>
    public IReadOnlyCollection<ObjectName> Names => _names;

    /// <summary>Adds what a file lacks.</summary>
    /// <param name="file">A file that cannot be delivered.</param>
    /// <param name="cut">The parameters that it is cut with.</param>
    public async ValueTask AddAsync(ReleaseFile file, CutParameters cut, CancellationToken cancellationToken)
    {
        if (file.Recipe is { } recipe
            && await IsMarkedAsync(ObjectName.Recipe(file.Domain, recipe), cancellationToken).ConfigureAwait(false))
        {
            _ = _names.Add(ObjectName.Recipe(file.Domain, recipe));
            return;
        }

        IReadOnlyList<ChunkRef> chunks;
        try
        {
            chunks = await releases.GetChunksAsync(file, cut, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreFailedException failure) when (failure is ObjectMissingException or ObjectDamagedException)
        {
            // Its recipe is lost, and not marked yet.
            return;
        }

        foreach (var batch in chunks.Chunk(BatchChunks))
        {
            await AddAsync(file.Domain, Array.ConvertAll(batch, chunk => chunk.Hash), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async ValueTask AddAsync(DedupDomain domain, Digest[] chunks, CancellationToken cancellationToken)
    {
        var missing = new byte[(chunks.Length + 7) / 8];
        _ = await catalogue.Chunks.FindMissingAsync(domain, chunks, missing, cancellationToken).ConfigureAwait(false);
        var lost = chunks.Where((_, i) => (missing[i / 8] & (1 << (i % 8))) != 0).ToArray();
        if (lost.Length == 0) return;
        var locations = new ChunkLocation[lost.Length];
        await catalogue.Chunks.FindAsync(domain, lost, locations, cancellationToken).ConfigureAwait(false);
        foreach (var pack in locations.Where(found => found.IsKnown).Select(found => found.Frame.Pack).Distinct())
            _ = _names.Add(ObjectName.Pack(pack));
    }

    private async ValueTask<bool> IsMarkedAsync(ObjectName name, CancellationToken cancellationToken) =>
        await catalogue.Damage.FindObjectAsync(name, cancellationToken).ConfigureAwait(false) is { IsMarked: true };
}
