using ChunkOta.Chunking;
using ChunkOta.Cli;
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
    public long MissingBytes => Missing.Sum(chunk => (long)chunk.Chunk.Length);
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
        var indexes = DistinctFiles();
        var signed = Signed(begun);
        var known = await calls.FindFilesAsync(
            begun.Id,
            [
                .. indexes.Where(index => !signed.Known.ContainsKey(digests[index]))
                    .Select(index => (digests[index], tree.Entries[index].Length)),
            ],
            cancellationToken);
        foreach (var (digest, recipe) in signed.Known)
            known[digest] = recipe;

        Dictionary<Digest, Digest?> recipes = [];
        List<int> toCut = [];
        foreach (var index in indexes)
        {
            var digest = digests[index];
            var isOurs = signed.All.TryGetValue(digest, out var ours)
                || begun.Cut.IsWholeFile(tree.Entries[index].Length);
            if (isOurs && known.TryGetValue(digest, out var theirs) && theirs == ours)
                recipes[digest] = ours;
            else
                toCut.Add(index);
        }

        return toCut.Count == 0
            ? new ContentPlan(recipes, [], [])
            : await CutAsync(begun, toCut, known, recipes, cancellationToken);
    }

    private async Task<ContentPlan> CutAsync(BegunPublish begun, List<int> toCut,
        Dictionary<Digest, Digest?> known, Dictionary<Digest, Digest?> recipes,
        CancellationToken cancellationToken)
    {
        progress.Begin("cutting", toCut.Sum(index => tree.Entries[index].Length));
        var chunks = await FileCutter.CutAsync(tree, toCut, digests, begun.Cut, progress, cancellationToken);
        var count = chunks.Values.Sum(list => list.Count);
        progress.End($"{Printable.Count(toCut.Count, "file")}, {Printable.Count(count, "chunk")}");

        List<Recipe> newRecipes = [];
        List<SourceChunk> wanted = [];
        HashSet<Digest> seen = [];
        foreach (var index in toCut)
        {
            var recipe = chunks[index].Count > 1 ? Recipe.Of(chunks[index]) : null;
            recipes[digests[index]] = recipe?.Digest;
            if (known.TryGetValue(digests[index], out var theirs) && theirs == recipe?.Digest)
                continue;
            if (recipe is not null)
                newRecipes.Add(recipe);
            var offset = 0L;
            foreach (var chunk in chunks[index])
            {
                if (seen.Add(chunk.Hash))
                    wanted.Add(new SourceChunk(index, offset, chunk));
                offset += chunk.Length;
            }
        }

        var missing = await calls.FindMissingAsync(begun.Id, wanted, cancellationToken);
        return new ContentPlan(recipes, newRecipes, missing);
    }

    /// <summary>The index of the first file with each content, in tree order.</summary>
    private List<int> DistinctFiles()
    {
        HashSet<Digest> seen = [];
        return [.. Enumerable.Range(0, tree.Entries.Count).Where(
            index => tree.Entries[index].Length > 0 && seen.Add(digests[index]))];
    }

    /// <summary>The recipes of our own newest release, and those of them that the server has.</summary>
    private static (Dictionary<Digest, Digest?> All, Dictionary<Digest, Digest?> Known) Signed(BegunPublish begun)
    {
        Dictionary<Digest, Digest?> all = [];
        Dictionary<Digest, Digest?> known = [];
        if (!begun.IsNewestTrusted || begun.Newest is not { } newest || newest.Cut != begun.Cut
            || newest.Entries.Count == 0)
            return (all, known);
        for (var i = 0; i < newest.Value.Entries.Count; i++)
        {
            var entry = newest.Value.Entries[i];
            if (entry.FileDigest() is not { } digest)
                continue;
            all[digest] = entry.RecipeDigest();
            if (!begun.UnknownEntries.Contains(i))
                known[digest] = entry.RecipeDigest();
        }

        return (all, known);
    }
}
