using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Condemned rows and trashed objects, as others than a collection change them, in one transaction.</summary>
internal static class SqlGarbage
{
    /// <summary>True for a row <c>c</c> of the chunks that is condemned.</summary>
    internal const string ChunkIsCondemned =
        "EXISTS (SELECT 1 FROM condemned_chunks g WHERE g.chunk_id = c.id)";

    /// <summary>True when chunks are condemned: mostly there are none, and nobody need ask for one.</summary>
    internal static bool HasChunks(SqlSession session) =>
        session["SELECT 1 FROM condemned_chunks LIMIT 1"].Any();

    /// <summary>True when recipes are condemned.</summary>
    internal static bool HasRecipes(SqlSession session) =>
        session["SELECT 1 FROM condemned_recipes LIMIT 1"].Any();

    /// <summary>Takes chunks back that are condemned, by the numbers of their rows.</summary>
    internal static void TakeBackChunks(SqlSession session, IEnumerable<long> chunks) =>
        _ = session["DELETE FROM condemned_chunks WHERE chunk_id = $1"]
            .RunEach(chunks, (delete, chunk) => delete.Bind(1, chunk));

    /// <summary>Takes chunks back that are condemned.</summary>
    internal static void TakeBackChunks(SqlSession session, IEnumerable<Digest> hashes)
    {
        if (!HasChunks(session)) return;
        _ = session["DELETE FROM condemned_chunks WHERE chunk_id = (SELECT id FROM chunks WHERE hash = $1)"]
            .RunEach(hashes, (delete, hash) => delete.Bind(1, hash));
    }

    /// <summary>Takes recipes back that were just stored, whether they are condemned or in the trash.</summary>
    internal static void TakeBackRecipes(
        SqlSession session, IReadOnlyList<StoredRecipe> recipes, DateTimeOffset now)
    {
        foreach (var recipe in recipes)
            TakeBack(session, ObjectName.Recipe(recipe.Digest), now);
        if (HasRecipes(session)) TakeBackRecipes(session, recipes.Select(recipe => recipe.Digest));
    }

    /// <summary>Takes recipes back that are condemned.</summary>
    internal static void TakeBackRecipes(SqlSession session, IEnumerable<Digest> recipes) =>
        _ = session["DELETE FROM condemned_recipes WHERE recipe_id = (SELECT id FROM recipes WHERE digest = $1)"]
            .RunEach(recipes, (delete, recipe) => delete.Bind(1, recipe));

    /// <summary>True when an object in the trash is being deleted; null when it is not in the trash.</summary>
    internal static bool? FindGoing(SqlSession session, ObjectName name) =>
        session["SELECT is_going FROM trash WHERE kind = $1 AND digest = $2"]
            .Bind(1, (int)name.Kind).Bind(2, name.Digest).FirstValue(row => row.Flag(0));

    /// <summary>Takes an object out of the trash.</summary>
    /// <remarks>A collection that was killed deletes nothing any more once its lease is over.</remarks>
    /// <returns>False: it is being deleted.</returns>
    internal static bool TryTakeBack(SqlSession session, ObjectName name, DateTimeOffset now)
    {
        if (FindGoing(session, name) is not { } isGoing) return true;
        if (isGoing && session["SELECT 1 FROM collection WHERE leased_until > $1"].Bind(1, now).Any()) return false;
        _ = session["DELETE FROM trash WHERE kind = $1 AND digest = $2"]
            .Bind(1, (int)name.Kind).Bind(2, name.Digest).Run();
        return true;
    }

    /// <summary>Takes an object out of the trash that was just stored.</summary>
    /// <exception cref="StoreUnavailableException">It is being deleted, since its publish stood still for too
    /// long.</exception>
    internal static void TakeBack(SqlSession session, ObjectName name, DateTimeOffset now)
    {
        if (!TryTakeBack(session, name, now))
            throw new StoreUnavailableException($"an object is being deleted: {name}: try again");
    }

    /// <summary>Moves an object to the trash whose row is gone.</summary>
    internal static void Trash(SqlSession session, TrashedObject garbage, DateTimeOffset now, DateTimeOffset due) =>
        _ = session[
            """
            INSERT INTO trash (kind, digest, bytes, trashed, due, generation)
            VALUES ($1, $2, $3, $4, $5, (SELECT generation FROM collection)) ON CONFLICT DO NOTHING
            """]
            .Bind(1, (int)garbage.Name.Kind).Bind(2, garbage.Name.Digest).Bind(3, garbage.Bytes).Bind(4, now)
            .Bind(5, due).Run();
}
