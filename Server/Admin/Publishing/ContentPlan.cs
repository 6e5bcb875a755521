using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>The chunks and recipes of a release's files, and those of them that the server lacks.</summary>
/// <param name="Recipes">Each file's recipe digest by the file's; null for a file of one chunk.</param>
/// <param name="NewRecipes">Recipes to bring, each once.</param>
/// <param name="Missing">Chunks to bring, each once, in tree order.</param>
internal sealed record ContentPlan(
    IReadOnlyDictionary<Digest, Digest?> Recipes, IReadOnlyList<Recipe> NewRecipes, IReadOnlyList<SourceChunk> Missing)
{
    /// <summary>Plain bytes of the missing chunks.</summary>
    public long MissingBytes => Missing.Sum(place => (long)place.Chunk.Length);
}

/// <summary>Finds out what the server lacks, cutting no file that it has.</summary>
/// <remarks>
/// The server's word saves work and is never signed: a recipe comes from our own last manifest or from cutting the file
/// here, and a file whose recipe the server knows otherwise is sent as if it were not known.
/// </remarks>
internal sealed class ContentPlanner(
    SourceTree tree, IReadOnlyList<Digest> digests, PublishCalls calls, IPublishProgress progress)
{
    /// <summary>Plans one publish.</summary>
    public async Task<ContentPlan> PlanAsync(BegunPublish begun, CancellationToken cancellationToken)
    {
        var places = DistinctFiles();
        var known = await calls.FindFilesAsync(
            begun.Id, [.. places.Select(place => (digests[place], tree.Entries[place].Length))], cancellationToken);
        var signed = SignedRecipes(begun);

        Dictionary<Digest, Digest?> recipes = [];
        List<int> toCut = [];
        foreach (var place in places)
        {
            var digest = digests[place];
            var isOurs = begun.Cut.IsWholeFile(tree.Entries[place].Length) | signed.TryGetValue(digest, out var ours);
            if (isOurs && known.TryGetValue(digest, out var theirs) && theirs == ours)
                recipes[digest] = ours;
            else
                toCut.Add(place);
        }

        return toCut.Count == 0
            ? new ContentPlan(recipes, [], [])
            : await CutAsync(begun, toCut, known, recipes, cancellationToken);
    }

    private async Task<ContentPlan> CutAsync(BegunPublish begun, List<int> toCut,
        IReadOnlyDictionary<Digest, Digest?> known, Dictionary<Digest, Digest?> recipes,
        CancellationToken cancellationToken)
    {
        progress.Begin("cutting", toCut.Sum(place => tree.Entries[place].Length));
        var chunks = await FileCutter.CutAsync(tree, toCut, digests, begun.Cut, progress, cancellationToken);
        progress.End($"{toCut.Count} files, {chunks.Values.Sum(list => list.Count)} chunks");

        List<Recipe> newRecipes = [];
        List<SourceChunk> wanted = [];
        HashSet<Digest> seen = [];
        foreach (var place in toCut)
        {
            var recipe = chunks[place].Count > 1 ? Recipe.Of(chunks[place]) : null;
            recipes[digests[place]] = recipe?.Digest;
            if (known.TryGetValue(digests[place], out var theirs) && theirs == recipe?.Digest)
                continue;
            if (recipe is not null)
                newRecipes.Add(recipe);
            var offset = 0L;
            foreach (var chunk in chunks[place])
            {
                if (seen.Add(chunk.Hash))
                    wanted.Add(new SourceChunk(place, offset, chunk));
                offset += chunk.Length;
            }
        }

        var missing = await calls.FindMissingAsync(begun.Id, wanted, cancellationToken);
        return new ContentPlan(recipes, newRecipes, missing);
    }

    /// <summary>The first place of every content there is, in tree order.</summary>
    private List<int> DistinctFiles()
    {
        HashSet<Digest> seen = [];
        return [.. Enumerable.Range(0, tree.Entries.Count).Where(
            place => tree.Entries[place].Length > 0 && seen.Add(digests[place]))];
    }

    private static Dictionary<Digest, Digest?> SignedRecipes(BegunPublish begun)
    {
        Dictionary<Digest, Digest?> recipes = [];
        if (begun.Newest is not { } newest || newest.Cut != begun.Cut)
            return recipes;
        foreach (var entry in newest.Value.Entries)
        {
            if (entry.FileDigest() is { } digest)
                recipes[digest] = entry.RecipeDigest();
        }

        return recipes;
    }
}
