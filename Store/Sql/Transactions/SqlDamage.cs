using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Marks of lost objects, in one transaction.</summary>
/// <remarks>Packs that are lost are few, so statements about chunks look at them only if there are any.</remarks>
internal static class SqlDamage
{
    /// <summary>The part of a mark that means the whole object.</summary>
    internal const int Whole = -1;

    /// <summary>True for a row <c>c</c> of the chunks whose pack or frame is marked.</summary>
    internal const string ChunkIsLost =
        """
        EXISTS (SELECT 1 FROM packs lp JOIN damages d ON d.kind = 0 AND d.digest = lp.digest
          WHERE lp.id = c.pack_id AND (d.part = -1 OR d.part = c.frame_offset))
        """;

    /// <summary>True for a row <c>r</c> of the recipes that is marked.</summary>
    internal const string RecipeIsLost = "EXISTS (SELECT 1 FROM damages d WHERE d.kind = 2 AND d.digest = r.digest)";

    private const string CountFrame =
        """
        SELECT count(*) FROM chunks c JOIN packs p ON p.id = c.pack_id
        WHERE p.digest = $1 AND c.frame_offset = $2 AND c.hash = $3
        """;

    private const string Unneeded =
        """
        DELETE FROM damages WHERE (kind = 0 AND (chunks <= 0
            OR NOT EXISTS (SELECT 1 FROM packs p WHERE p.digest = damages.digest)))
          OR (kind = 1 AND NOT EXISTS (
            SELECT 1 FROM releases r WHERE r.manifest = damages.digest AND r.purged IS NULL))
          OR (kind = 2 AND NOT EXISTS (SELECT 1 FROM recipes r WHERE r.digest = damages.digest))
        """;

    /// <summary>True if any pack is marked.</summary>
    internal static bool HasLostPacks(SqlSession session) =>
        session["SELECT 1 FROM damages WHERE kind = 0 LIMIT 1"].Any();

    /// <summary>Removes the marks of an object that was stored again.</summary>
    /// <returns>True if there were any.</returns>
    internal static bool Remove(SqlSession session, ObjectName name) =>
        session["DELETE FROM damages WHERE kind = $1 AND digest = $2"]
            .Bind(1, (int)name.Kind).Bind(2, name.Digest).Run() > 0;

    /// <summary>Removes the marks of objects that were stored again.</summary>
    internal static void RemoveEach(SqlSession session, IEnumerable<ObjectName> names) =>
        _ = session["DELETE FROM damages WHERE kind = $1 AND digest = $2"].RunEach(
            names, (delete, name) => delete.Bind(1, (int)name.Kind).Bind(2, name.Digest));

    /// <summary>Removes the marks of objects that nothing needs.</summary>
    internal static void RemoveUnneeded(SqlSession session) => _ = session[Unneeded].Run();

    /// <summary>Takes a lost chunk out of its pack, because it was stored again.</summary>
    /// <returns>False if the chunk is not lost: nothing changes.</returns>
    internal static bool Recover(SqlSession session, ChunkRef chunk)
    {
        var isLost = session[
            """
            UPDATE damages SET chunks = chunks - 1
            WHERE kind = 0
              AND digest = (SELECT p.digest FROM chunks c JOIN packs p ON p.id = c.pack_id WHERE c.hash = $1)
              AND (part = -1 OR part = (SELECT c.frame_offset FROM chunks c WHERE c.hash = $1))
            """].Bind(1, chunk.Hash).Run() > 0;
        if (isLost)
        {
            _ = session[
                """
                UPDATE packs SET chunks = chunks - 1, plain_bytes = plain_bytes - $2, live_bytes = live_bytes - (
                  SELECT (c.plain_offset + c.plain_bytes) * c.frame_stored_bytes / c.frame_plain_bytes
                    - c.plain_offset * c.frame_stored_bytes / c.frame_plain_bytes FROM chunks c WHERE c.hash = $1)
                WHERE id = (SELECT c.pack_id FROM chunks c WHERE c.hash = $1)
                """].Bind(1, chunk.Hash).Bind(2, chunk.Length).Run();
        }

        return isLost;
    }

    /// <summary>Records the result of verifying an object in place of the last one.</summary>
    internal static DamageChange Record(SqlSession session, ObjectFinding finding, DateTimeOffset now)
    {
        var name = finding.Name;
        var before = session["SELECT min(found) FROM damages WHERE kind = $1 AND digest = $2"]
            .Bind(1, (int)name.Kind).Bind(2, name.Digest).FirstValue(row => row.IsNull(0) ? now : row.Time(0));
        var wasMarked = Remove(session, name);
        var isMarked = finding.Fault is not null && Mark(session, finding, wasMarked ? before ?? now : now);
        return (wasMarked, isMarked) switch
        {
            (false, true) => DamageChange.Found,
            (true, false) => DamageChange.Healed,
            (true, true) => DamageChange.Known,
            _ => DamageChange.None,
        };
    }

    internal static DamagedObject Read(SqlRow row) => new(
        new ObjectName((ObjectKind)row.Int(0), row.Digest(1)), (ObjectFault)row.Int(2), row.Long(3), row.Long(4),
        row.Time(5), row.Text(6));

    private static bool Mark(SqlSession session, ObjectFinding finding, DateTimeOffset found)
    {
        var name = finding.Name;
        if (name.Kind == ObjectKind.Pack && finding.Frames.Count > 0)
        {
            var isMarked = false;
            foreach (var frame in finding.Frames)
            {
                var chunks = frame.Chunks.Sum(chunk => CountIn(session, name.Digest, frame.Offset, chunk.Hash));
                isMarked |= chunks > 0;
                if (chunks > 0) Add(session, finding, frame.Offset, chunks, found);
            }

            return isMarked;
        }

        var needed = name.Kind switch
        {
            ObjectKind.Pack => Find(session, "SELECT chunks FROM packs WHERE digest = $1", name.Digest) ?? 0,
            ObjectKind.Manifest => Find(
                session, "SELECT count(*) FROM releases WHERE manifest = $1 AND purged IS NULL", name.Digest) ?? 0,
            ObjectKind.Recipe => Find(session, "SELECT count(*) FROM recipes WHERE digest = $1", name.Digest) ?? 0,
            _ => 0,
        };
        if (needed > 0) Add(session, finding, Whole, name.Kind == ObjectKind.Pack ? needed : 0, found);
        return needed > 0;
    }

    private static long CountIn(SqlSession session, Digest pack, int offset, Digest chunk) =>
        session[CountFrame].Bind(1, pack).Bind(2, offset).Bind(3, chunk).FirstValue(row => row.Long(0)) ?? 0;

    private static long? Find(SqlSession session, string sql, Digest digest) =>
        session[sql].Bind(1, digest).FirstValue(row => row.Long(0));

    private static void Add(SqlSession session, ObjectFinding finding, int part, long chunks, DateTimeOffset found) =>
        _ = session[
            """
            INSERT INTO damages (kind, digest, part, fault, chunks, found, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)
            """]
            .Bind(1, (int)finding.Name.Kind).Bind(2, finding.Name.Digest).Bind(3, part)
            .Bind(4, (int)finding.Fault!.Value).Bind(5, chunks).Bind(6, found).Bind(7, finding.Detail).Run();
}
