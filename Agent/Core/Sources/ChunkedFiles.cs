using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>The files of a release that are put together from chunks.</summary>
/// <remarks>Nothing else fetches recipes, or looks for missing chunks on this disk.</remarks>
/// <param name="source">The source of recipes.</param>
/// <param name="release">The release.</param>
/// <param name="recipes">Its recipes, as far as they are known; more are added.</param>
/// <param name="spool">Gets the recipes as they come; null for a run that writes nothing. The caller's.</param>
/// <param name="local">The files on this disk; the caller's.</param>
/// <param name="monitor">Told of each wait.</param>
internal sealed class ChunkedFiles(
    IReleaseSource source,
    ReleaseContents release,
    RecipeBundle recipes,
    RecipeSpool? spool,
    LocalSources local,
    RunMonitor monitor)
{
    /// <summary>The chunks that the files lack.</summary>
    public ChunkDemand Demand { get; } = new();

    /// <summary>The recipes that are known by now.</summary>
    public RecipeBundle Recipes => recipes;

    /// <summary>Adds files to the demand: fetches their recipes, then finds their chunks on this disk.</summary>
    /// <param name="entries">Indexes of entries that were not added yet, ascending.</param>
    /// <param name="present">Finds the chunks that a file holds already, one value for each;
    /// null when there are none.</param>
    /// <exception cref="ChunkOtaException">See <see cref="RecipeFetch"/>.</exception>
    public async Task AddAsync(
        IReadOnlyList<int> entries,
        Func<int, IReadOnlyList<ChunkRef>, bool[]>? present,
        CancellationToken cancellationToken)
    {
        if (entries.Count == 0)
            return;
        var cut = release.Cut;
        var lacking = new List<int>();
        foreach (var i in entries)
        {
            if (!recipes.TryFind(release.Entries[i], cut, out _))
                lacking.Add(i);
        }
        await new RecipeFetch(source, release, recipes, spool, monitor).RunAsync(lacking, cancellationToken)
            .ConfigureAwait(false);
        foreach (var i in entries)
        {
            var chunks = recipes.Get(release.Entries[i], cut);
            var isPresent = present?.Invoke(i, chunks);
            Demand.Add(i, chunks, chunk => isPresent?[chunk] ?? false);
        }
        await local.FindChunksAsync(Demand, cut, cancellationToken).ConfigureAwait(false);
    }
}
