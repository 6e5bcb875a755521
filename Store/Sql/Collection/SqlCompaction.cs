using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Moves chunks to a new pack, in one transaction of a collection.</summary>
internal static class SqlCompaction
{
    /// <summary>Makes the chunks of a new pack point to it, if they point to one of the old packs.</summary>
    internal static void Move(
        SqlSession session, PackContents pack, IReadOnlyList<SparsePack> from, DateTimeOffset now, DateTimeOffset due)
    {
        SqlGarbage.TakeBack(session, ObjectName.Pack(pack.Digest), now);
        var number = AddPack(session, pack, from, now);
        var old = from.Select(each => each.Number).ToHashSet();
        foreach (var frame in pack.Frames)
        {
            var plainOffset = 0;
            foreach (var chunk in frame.Chunks)
            {
                MoveChunk(session, chunk.Hash, old, number, frame, plainOffset);
                plainOffset += chunk.Length;
            }
        }

        Count(session, number);
        foreach (var each in from)
            End(session, each, now, due);
    }

    private static long AddPack(
        SqlSession session, PackContents pack, IReadOnlyList<SparsePack> from, DateTimeOffset now)
    {
        // The publish of an old pack has ended, or what it brought is in a release: any will do. Only the last pack is
        // sure to have a row: those before it may have moved as a whole into the pack before this one.
        _ = session[
            """
            INSERT INTO packs (digest, stored_bytes, chunks, plain_bytes, publish, added, frame_bytes)
            SELECT $1, $2, 0, 0, o.publish, $3, $4 FROM packs o WHERE o.id = $5 ON CONFLICT DO NOTHING
            """]
            .Bind(1, pack.Digest).Bind(2, pack.StoredBytes).Bind(3, now)
            .Bind(4, pack.Frames.Sum(frame => (long)frame.StoredBytes)).Bind(5, from[^1].Number).Run();
        return session["SELECT id FROM packs WHERE digest = $1"].Bind(1, pack.Digest).FirstValue(row => row.Long(0))
            ?? throw new InvalidOperationException($"pack {pack.Digest} has no row");
    }

    private static void MoveChunk(
        SqlSession session, Digest hash, HashSet<long> from, long to, PackFrame frame, int plainOffset)
    {
        var known = session[
            """
            SELECT id, pack_id, plain_bytes, plain_offset, frame_stored_bytes, frame_plain_bytes FROM chunks
            WHERE hash = $1
            """]
            .Bind(1, hash).FirstValue(row => (
                Number: row.Long(0), Pack: row.Long(1), Length: row.Int(2),
                StoredBytes: FrameLocation.StoredShare(row.Int(3), row.Int(2), row.Int(4), row.Int(5))));
        if (known is not { } chunk || !from.Contains(chunk.Pack)) return;
        _ = session[
            """
            UPDATE chunks SET pack_id = $2, frame_offset = $3, frame_stored_bytes = $4, frame_plain_bytes = $5,
              plain_offset = $6
            WHERE id = $1
            """]
            .Bind(1, chunk.Number).Bind(2, to).Bind(3, frame.Offset).Bind(4, frame.StoredBytes)
            .Bind(5, frame.PlainBytes).Bind(6, plainOffset).Run();
        var growth = frame.StoredShare(plainOffset, chunk.Length) - chunk.StoredBytes;
        if (growth != 0)
        {
            _ = session[
                """
                UPDATE products SET stored_bytes = stored_bytes + $2
                WHERE id IN (SELECT product_id FROM product_chunks WHERE chunk_id = $1)
                """].Bind(1, chunk.Number).Bind(2, growth).Run();
        }
    }

    private static void End(SqlSession session, SparsePack pack, DateTimeOffset now, DateTimeOffset due)
    {
        Count(session, pack.Number);
        var bytes = session["DELETE FROM packs WHERE id = $1 AND chunks = 0 RETURNING stored_bytes"]
            .Bind(1, pack.Number).FirstValue(row => row.Long(0));
        if (bytes is { } length)
            SqlGarbage.Trash(session, new TrashedObject(ObjectName.Pack(pack.Digest), length), now, due);
    }

    /// <summary>Counts the chunks that point to a pack again.</summary>
    private static void Count(SqlSession session, long pack)
    {
        var (chunks, plainBytes, liveBytes) = (0L, 0L, 0L);
        session[
            "SELECT plain_bytes, plain_offset, frame_stored_bytes, frame_plain_bytes FROM chunks WHERE pack_id = $1"]
            .Bind(1, pack).ForEach(row =>
            {
                chunks++;
                plainBytes += row.Long(0);
                liveBytes += FrameLocation.StoredShare(row.Int(1), row.Int(0), row.Int(2), row.Int(3));
            });
        _ = session["UPDATE packs SET chunks = $2, plain_bytes = $3, live_bytes = $4 WHERE id = $1"]
            .Bind(1, pack).Bind(2, chunks).Bind(3, plainBytes).Bind(4, liveBytes).Run();
    }
}
