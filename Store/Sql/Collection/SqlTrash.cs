using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Objects that nothing refers to, and packs that are rewritten, in SQL.</summary>
internal sealed class SqlTrash(SqlDatabase database, TimeProvider clock) : IObjectTrash
{
    public ValueTask<IReadOnlyList<Digest>> FindUnknownAsync(
        ObjectKind kind, IReadOnlyList<Digest> objects, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<Digest>>(
            session => session[
                $"""
                SELECT w.digest FROM {session.Dialect.DigestRows(1, 2)} w
                WHERE NOT EXISTS (SELECT 1 FROM trash t WHERE t.kind = $3 AND t.digest = w.digest)
                  AND NOT EXISTS (SELECT 1 FROM {RowsOf(kind)} = w.digest)
                """]
                .Bind(1, objects.ToArray().AsSpan()).Bind(3, (int)kind).List(row => row.Digest(0)),
            cancellationToken);

    public Task AddAsync(
        CollectionLease lease, IReadOnlyList<TrashedObject> objects, DateTimeOffset due,
        CancellationToken cancellationToken = default) =>
        ChangeAsync(
            lease,
            (session, now) =>
            {
                foreach (var garbage in objects)
                    SqlGarbage.Trash(session, garbage, now, due);
                return true;
            },
            cancellationToken);

    public Task<IReadOnlyList<TrashedObject>> ClaimAsync(
        CollectionLease lease, ObjectName? after, int max, CancellationToken cancellationToken = default) =>
        ChangeAsync<IReadOnlyList<TrashedObject>>(
            lease, (session, now) => Claim(session, after, max, now), cancellationToken);

    public Task RemoveAsync(
        CollectionLease lease, IReadOnlyList<TrashedObject> objects, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            lease,
            (session, _) =>
            {
                foreach (var deleted in objects)
                    Remove(session, deleted.Name);
                return true;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<SparsePack>> ListSparseAsync(
        int percent, long after, int max, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<SparsePack>>(
            session => session[
                """
                SELECT id, digest, live_bytes FROM packs
                WHERE id > $1 AND chunks > 0 AND live_bytes * 100 < frame_bytes * $2 ORDER BY id LIMIT $3
                """]
                .Bind(1, after).Bind(2, percent).Bind(3, max)
                .List(row => new SparsePack(row.Long(0), row.Digest(1), row.Long(2))),
            cancellationToken);

    public ValueTask<IReadOnlyList<PackedChunk>> ListChunksAsync(
        SparsePack pack, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<PackedChunk>>(
            session => session[
                """
                SELECT hash, plain_bytes, frame_offset, frame_stored_bytes, frame_plain_bytes, plain_offset FROM chunks
                WHERE pack_id = $1 ORDER BY frame_offset, plain_offset
                """]
                .Bind(1, pack.Number)
                .List(row => new PackedChunk(
                    new ChunkRef(row.Digest(0), row.Int(1)),
                    new FrameLocation(pack.Digest, row.Int(2), row.Int(3), row.Int(4)), row.Int(5))),
            cancellationToken);

    public Task MoveAsync(
        CollectionLease lease, PackContents pack, IReadOnlyList<SparsePack> from, DateTimeOffset due,
        CancellationToken cancellationToken = default) =>
        ChangeAsync(
            lease,
            (session, now) =>
            {
                SqlCompaction.Move(session, pack, from, now, due);
                return true;
            },
            cancellationToken);

    private static List<TrashedObject> Claim(SqlSession session, ObjectName? after, int max, DateTimeOffset now)
    {
        var due = session[
            """
            SELECT kind, digest, bytes FROM trash
            WHERE due <= $1 AND generation < $2 AND (kind > $4 OR (kind = $4 AND digest > $5))
            ORDER BY kind, digest LIMIT $3
            """]
            .Bind(1, now).Bind(2, SqlLeaseCheck.FirstKept(session, now)).Bind(3, max)
            .Bind(4, (int?)after?.Kind ?? -1).Bind(5, after?.Digest ?? default)
            .List(row => new TrashedObject(new ObjectName((ObjectKind)row.Int(0), row.Digest(1)), row.Long(2)));
        List<TrashedObject> claimed = new(due.Count);
        foreach (var garbage in due)
        {
            if (session[$"SELECT 1 FROM {RowsOf(garbage.Name.Kind)} = $1"].Bind(1, garbage.Name.Digest).Any())
            {
                // It is needed again: a delta was built once more, or the row came after the object was looked up.
                Remove(session, garbage.Name);
                continue;
            }

            _ = session["UPDATE trash SET is_going = 1 WHERE kind = $1 AND digest = $2"]
                .Bind(1, (int)garbage.Name.Kind).Bind(2, garbage.Name.Digest).Run();
            claimed.Add(garbage);
        }

        return claimed;
    }

    private static void Remove(SqlSession session, ObjectName name) =>
        _ = session["DELETE FROM trash WHERE kind = $1 AND digest = $2"]
            .Bind(1, (int)name.Kind).Bind(2, name.Digest).Run();

    /// <summary>The rows that refer to an object of a kind, up to the column with its digest.</summary>
    private static string RowsOf(ObjectKind kind) => kind switch
    {
        ObjectKind.Pack => "packs o WHERE o.digest",
        ObjectKind.Recipe => "recipes o WHERE o.digest",
        ObjectKind.Manifest => "releases o WHERE o.purged IS NULL AND o.manifest",
        ObjectKind.Delta => "deltas o WHERE o.digest",
        ObjectKind.Document => throw new ArgumentException("Documents are never in the trash.", nameof(kind)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind."),
    };

    private Task<T> ChangeAsync<T>(
        CollectionLease lease, Func<SqlSession, DateTimeOffset, T> change, CancellationToken cancellationToken) =>
        SqlLeaseCheck.ChangeAsync(database, clock, lease, change, cancellationToken);
}
