namespace ChunkOta.Storage.Sql;

/// <summary>Condemns and removes rows, in one transaction of a collection.</summary>
internal static class SqlCondemned
{
    /// <summary>Drops the claim of a product on a chunk, and takes it out of the product's figures.</summary>
    internal static void DropClaim(SqlSession session, ChunkClaim claim)
    {
        if (session["DELETE FROM product_chunks WHERE chunk_id = $1 AND product_id = $2"]
            .Bind(1, claim.Chunk).Bind(2, claim.Product).Run() == 0)
            return;
        var (plainBytes, storedBytes) = session[
            "SELECT plain_bytes, plain_offset, frame_stored_bytes, frame_plain_bytes FROM chunks WHERE id = $1"]
            .Bind(1, claim.Chunk)
            .FirstValue(row => (
                row.Long(0), FrameLocation.StoredShare(row.Int(1), row.Int(0), row.Int(2), row.Int(3)))) ?? default;
        _ = session[
            """
            UPDATE products SET distinct_plain_bytes = distinct_plain_bytes - $2, stored_bytes = stored_bytes - $3
            WHERE id = $1
            """].Bind(1, claim.Product).Bind(2, plainBytes).Bind(3, storedBytes).Run();
    }

    /// <summary>Condemns a recipe, and makes products forget the files that it makes.</summary>
    internal static void CondemnRecipe(SqlSession session, long recipe)
    {
        _ = session[
            """
            INSERT INTO condemned_recipes (recipe_id, generation)
            SELECT r.id, s.generation FROM recipes r, collection s WHERE r.id = $1 ON CONFLICT DO NOTHING
            """].Bind(1, recipe).Run();
        _ = session["DELETE FROM product_files WHERE recipe = (SELECT digest FROM recipes WHERE id = $1)"]
            .Bind(1, recipe).Run();
    }

    /// <summary>Condemns the chunks of a range that no product claims and no living publish has brought.</summary>
    /// <returns>The last number of the range; null when there is no chunk after it.</returns>
    internal static long? CondemnChunks(SqlSession session, long after, int max, DateTimeOffset now)
    {
        if (session["SELECT id FROM chunks WHERE id > $1 ORDER BY id LIMIT 1"].Bind(1, after)
            .FirstValue(row => row.Long(0)) is not { } first)
            return null;
        var last = first + max - 1;
        var garbage = session[
            """
            SELECT c.id, c.hash FROM chunks c
            WHERE c.id >= $1 AND c.id <= $2
              AND NOT EXISTS (SELECT 1 FROM product_chunks x WHERE x.chunk_id = c.id)
              AND NOT EXISTS (SELECT 1 FROM condemned_chunks g WHERE g.chunk_id = c.id)
              AND NOT EXISTS (
                SELECT 1 FROM packs p JOIN publishes u ON u.id = p.publish
                WHERE p.id = c.pack_id AND u.expires > $3 AND u.generation <= (SELECT generation FROM collection))
            """]
            .Bind(1, first).Bind(2, last).Bind(3, now).List(row => (Number: row.Long(0), Hash: row.Digest(1)));
        _ = session[
            """
            INSERT INTO condemned_chunks (chunk_id, generation) VALUES ($1, (SELECT generation FROM collection))
            """].RunEach(garbage, (insert, chunk) => insert.Bind(1, chunk.Number));
        // A file that is one chunk has no recipe.
        _ = session[
            """
            DELETE FROM product_files
            WHERE product_id IN (SELECT id FROM products) AND digest = $1 AND recipe IS NULL
            """].RunEach(garbage, (delete, chunk) => delete.Bind(1, chunk.Hash));
        return last;
    }

    /// <summary>Removes condemned rows that no living publish may have found, and packs without chunks.</summary>
    internal static RemovedRows Remove(SqlSession session, int max, DateTimeOffset now)
    {
        var firstKept = SqlLeaseCheck.FirstKept(session, now);
        return new RemovedRows(
            RemoveChunks(session, firstKept, max), RemoveRecipes(session, firstKept, max, now),
            RemovePacks(session, max, now));
    }

    private static int RemoveChunks(SqlSession session, long firstKept, int max)
    {
        var chunks = session[
            """
            SELECT c.id, c.pack_id, c.plain_bytes, c.plain_offset, c.frame_stored_bytes, c.frame_plain_bytes
            FROM condemned_chunks g JOIN chunks c ON c.id = g.chunk_id
            WHERE g.generation < $1 ORDER BY g.chunk_id LIMIT $2
            """]
            .Bind(1, firstKept).Bind(2, max)
            .List(row => (
                Number: row.Long(0), Pack: row.Long(1), PlainBytes: row.Long(2),
                StoredBytes: FrameLocation.StoredShare(row.Int(3), row.Int(2), row.Int(4), row.Int(5))));
        SqlGarbage.TakeBackChunks(session, chunks.Select(chunk => chunk.Number));
        _ = session["DELETE FROM chunks WHERE id = $1"]
            .RunEach(chunks, (delete, chunk) => delete.Bind(1, chunk.Number));
        foreach (var pack in chunks.GroupBy(chunk => chunk.Pack))
        {
            _ = session[
                """
                UPDATE packs SET chunks = chunks - $2, plain_bytes = plain_bytes - $3, live_bytes = live_bytes - $4
                WHERE id = $1
                """]
                .Bind(1, pack.Key).Bind(2, pack.Count()).Bind(3, pack.Sum(chunk => chunk.PlainBytes))
                .Bind(4, pack.Sum(chunk => chunk.StoredBytes)).Run();
        }

        return chunks.Count;
    }

    private static int RemoveRecipes(SqlSession session, long firstKept, int max, DateTimeOffset now)
    {
        var recipes = session[
            """
            SELECT r.id, r.digest, r.bytes FROM condemned_recipes g JOIN recipes r ON r.id = g.recipe_id
            WHERE g.generation < $1 ORDER BY g.recipe_id LIMIT $2
            """]
            .Bind(1, firstKept).Bind(2, max)
            .List(row => (
                Number: row.Long(0), Object: new TrashedObject(ObjectName.Recipe(row.Digest(1)), row.Long(2))));
        foreach (var recipe in recipes)
        {
            _ = session["DELETE FROM condemned_recipes WHERE recipe_id = $1"].Bind(1, recipe.Number).Run();
            _ = session["DELETE FROM recipes WHERE id = $1"].Bind(1, recipe.Number).Run();
            SqlGarbage.Trash(session, recipe.Object, now, due: now);
        }

        return recipes.Count;
    }

    private static int RemovePacks(SqlSession session, int max, DateTimeOffset now)
    {
        var packs = session["SELECT id, digest, stored_bytes FROM packs WHERE chunks = 0 ORDER BY id LIMIT $1"]
            .Bind(1, max)
            .List(row => (Number: row.Long(0), Object: new TrashedObject(ObjectName.Pack(row.Digest(1)), row.Long(2))));
        foreach (var pack in packs)
        {
            _ = session["DELETE FROM packs WHERE id = $1"].Bind(1, pack.Number).Run();
            SqlGarbage.Trash(session, pack.Object, now, due: now);
        }

        return packs.Count;
    }
}
