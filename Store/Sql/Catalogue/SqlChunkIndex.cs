using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Chunks, packs and recipes, in SQL.</summary>
internal sealed class SqlChunkIndex(SqlDatabase database, TimeProvider clock) : IChunkIndex
{
    private const string AddPack =
        """
        INSERT INTO packs (digest, stored_bytes, chunks, plain_bytes, publish, added, frame_bytes)
        VALUES ($1, $2, 0, 0, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id
        """;

    private const string AddChunk =
        """
        INSERT INTO chunks
          (hash, pack_id, frame_offset, frame_stored_bytes, frame_plain_bytes, plain_offset, plain_bytes)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
        """;

    // Answered by the index on hash alone, but where chunks are lost or condemned.
    private readonly string _findMissing = FindMissing(database.Dialect, "");

    private readonly string _findMissingOrLost = FindMissing(database.Dialect, $"AND NOT {SqlDamage.ChunkIsLost}");

    private readonly string _findMissingOrCondemned =
        FindMissing(database.Dialect, $"AND NOT {SqlGarbage.ChunkIsCondemned}");

    private readonly string _findMissingLostOrCondemned = FindMissing(
        database.Dialect, $"AND NOT {SqlDamage.ChunkIsLost} AND NOT {SqlGarbage.ChunkIsCondemned}");

    // LEFT JOIN makes the list the outer loop of the join.
    private readonly string _locate =
        $"""
        SELECT w.i, c.pack_id, p.digest, c.frame_offset, c.frame_stored_bytes, c.frame_plain_bytes, c.plain_offset,
          c.plain_bytes
        FROM {database.Dialect.DigestRows(1, 2)} w
        LEFT JOIN chunks c ON c.hash = w.digest LEFT JOIN packs p ON p.id = c.pack_id
        """;

    public ValueTask<int> FindMissingAsync(
        DedupDomain domain, ReadOnlyMemory<Digest> hashes, Memory<byte> missing,
        CancellationToken cancellationToken = default) =>
        FindMissingAsync(domain.NamesOf(hashes), missing, countsCondemned: true, cancellationToken);

    public ValueTask<int> FindLackingAsync(
        DedupDomain domain, ReadOnlyMemory<Digest> hashes, Memory<byte> lacking,
        CancellationToken cancellationToken = default) =>
        FindMissingAsync(domain.NamesOf(hashes), lacking, countsCondemned: false, cancellationToken);

    public async ValueTask FindAsync(
        DedupDomain domain, ReadOnlyMemory<Digest> hashes, Memory<ChunkLocation> locations,
        CancellationToken cancellationToken = default)
    {
        if (locations.Length < hashes.Length)
            throw new ArgumentException("there must be a location for each hash", nameof(locations));
        var names = domain.NamesOf(hashes);
        _ = await database.ReadAsync(
            session =>
            {
                // A pack's digest is read once: one for each row would be memory for each row.
                Dictionary<long, Digest> packs = [];
                session[_locate].Bind(1, names.Span).ForEach(
                    row => locations.Span[row.Int(0)] = row.IsNull(1) ? default : ReadLocation(row, packs));
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<PackGain> AddPackAsync(
        PackContents pack, Guid publish, CancellationToken cancellationToken = default)
    {
        // Marks that were made after this publisher asked what is missing are for the next one to heal.
        var hasLost = await database.ReadAsync(SqlDamage.HasLostPacks, cancellationToken).ConfigureAwait(false);
        return await database.WriteAsync(
            hasLost ? WriteScope.Alone : WriteScope.Shared,
            session =>
            {
                SqlGarbage.TakeBack(session, ObjectName.Pack(pack.Digest), clock.GetUtcNow());
                var (id, isNew) = AddPackRow(session, pack, publish);
                if (isNew) SqlLeases.AddBrought(session, publish, pack.StoredBytes);
                // It was stored again: whatever was wrong with it, it is intact.
                if (hasLost) _ = SqlDamage.Remove(session, ObjectName.Pack(pack.Digest));
                return AddChunks(session, pack, id, hasLost);
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async Task AddRecipesAsync(
        IReadOnlyList<StoredRecipe> recipes, Guid publish, CancellationToken cancellationToken = default)
    {
        if (recipes.Count == 0)
            return;
        await database.WriteAsync(
            WriteScope.Shared,
            session =>
            {
                StoredRecipe[] sorted = [.. recipes.OrderBy(recipe => recipe.Digest)];
                SqlGarbage.TakeBackRecipes(session, sorted, clock.GetUtcNow());
                var added = session["INSERT INTO recipes (digest, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING"]
                    .RunEach(sorted, (insert, recipe) => insert.Bind(1, recipe.Digest).Bind(2, recipe.Bytes));
                SqlDamage.RemoveEach(session, sorted.Select(recipe => ObjectName.Recipe(recipe.Digest)));
                SqlLeases.AddBrought(
                    session, publish, sorted.Zip(added, (recipe, rows) => rows * (long)recipe.Bytes).Sum());
            },
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<int[]> FindRecipeBytesAsync(
        DedupDomain domain, IReadOnlyList<Digest> recipes, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session =>
            {
                var lengths = new int[recipes.Count];
                session[
                    $"""
                    SELECT w.i, r.bytes FROM {session.Dialect.DigestRows(1, 2)} w
                    LEFT JOIN recipes r ON r.digest = w.digest AND NOT {SqlDamage.RecipeIsLost}
                    """]
                    .Bind(1, domain.NamesOf(recipes.ToArray()).Span)
                    .ForEach(row => lengths[row.Int(0)] = row.IsNull(1) ? 0 : row.Int(1));
                return lengths;
            },
            cancellationToken);

    public async Task<bool> TryTakeBackAsync(
        IReadOnlyList<ObjectName> names, CancellationToken cancellationToken = default)
    {
        var isTrashed = await database.ReadAsync(
            session => names.Any(name => SqlGarbage.FindGoing(session, name) is not null), cancellationToken)
            .ConfigureAwait(false);
        return !isTrashed || await database.WriteAsync(
            session => names.All(name => SqlGarbage.TryTakeBack(session, name, clock.GetUtcNow())), cancellationToken)
            .ConfigureAwait(false);
    }

    private static string FindMissing(ISqlDialect dialect, string condition) =>
        $"""
        SELECT w.i FROM {dialect.DigestRows(1, 2)} w
        WHERE NOT EXISTS (SELECT 1 FROM chunks c WHERE c.hash = w.digest {condition})
        """;

    private ValueTask<int> FindMissingAsync(
        ReadOnlyMemory<Digest> names, Memory<byte> missing, bool countsCondemned,
        CancellationToken cancellationToken)
    {
        if (missing.Length < (names.Length + 7) / 8)
            throw new ArgumentException("there must be a bit for each hash", nameof(missing));
        return database.ReadAsync(
            session =>
            {
                missing.Span.Clear();
                var count = 0;
                var find = (SqlDamage.HasLostPacks(session), countsCondemned && SqlGarbage.HasChunks(session)) switch
                {
                    (false, false) => _findMissing,
                    (true, false) => _findMissingOrLost,
                    (false, true) => _findMissingOrCondemned,
                    _ => _findMissingLostOrCondemned,
                };
                session[find].Bind(1, names.Span).ForEach(row =>
                {
                    var index = row.Int(0);
                    missing.Span[index / 8] |= (byte)(1 << (index % 8));
                    count++;
                });
                return count;
            },
            cancellationToken);
    }

    private static ChunkLocation ReadLocation(SqlRow row, Dictionary<long, Digest> packs)
    {
        var id = row.Long(1);
        if (!packs.TryGetValue(id, out var pack))
            packs.Add(id, pack = row.Digest(2));
        return new ChunkLocation(
            new FrameLocation(pack, row.Int(3), row.Int(4), row.Int(5)), row.Int(6), row.Int(7));
    }

    private (long Id, bool IsNew) AddPackRow(SqlSession session, PackContents pack, Guid publish)
    {
        var added = session[AddPack]
            .Bind(1, pack.Digest).Bind(2, pack.StoredBytes).Bind(3, publish).Bind(4, clock.GetUtcNow())
            .Bind(5, pack.Frames.Sum(frame => (long)frame.StoredBytes))
            .FirstValue(row => row.Long(0));
        var id = added
            ?? session["SELECT id FROM packs WHERE digest = $1"].Bind(1, pack.Digest).FirstValue(row => row.Long(0))
            ?? throw new InvalidOperationException($"pack {pack.Digest} has no row");
        return (id, added is not null);
    }

    private static PackGain AddChunks(SqlSession session, PackContents pack, long packId, bool hasLost)
    {
        // All in one order, so that two packs with the same chunks never wait for each other.
        PlacedChunk[] chunks = [.. pack.Frames.SelectMany(Place).OrderBy(placed => placed.Chunk.Hash)];
        var added = session[AddChunk].RunEach(
            chunks,
            (insert, placed) => insert
                .Bind(1, placed.Chunk.Hash).Bind(2, packId).Bind(3, placed.Frame.Offset)
                .Bind(4, placed.Frame.StoredBytes).Bind(5, placed.Frame.PlainBytes).Bind(6, placed.PlainOffset)
                .Bind(7, placed.Chunk.Length));
        SqlGarbage.TakeBackChunks(session, chunks.Zip(added).Where(placed => placed.Second == 0)
            .Select(placed => placed.First.Chunk.Hash));
        for (var i = 0; hasLost && i < chunks.Length; i++)
        {
            if (added[i] == 0 && SqlDamage.Recover(session, chunks[i].Chunk))
                added[i] = Move(session, chunks[i], packId);
        }

        var gain = new PackGain(
            added.Sum(), chunks.Zip(added, (placed, rows) => rows * (long)placed.Chunk.Length).Sum());
        var liveBytes = chunks.Zip(
            added, (placed, rows) => rows * placed.Frame.StoredShare(placed.PlainOffset, placed.Chunk.Length)).Sum();
        _ = session[
            """
            UPDATE packs SET chunks = chunks + $2, plain_bytes = plain_bytes + $3, live_bytes = live_bytes + $4
            WHERE id = $1
            """]
            .Bind(1, packId).Bind(2, gain.Chunks).Bind(3, gain.PlainBytes).Bind(4, liveBytes).Run();
        if (hasLost) SqlDamage.RemoveUnneeded(session);
        return gain;
    }

    /// <summary>Gives a chunk that was lost its new location.</summary>
    private static int Move(SqlSession session, PlacedChunk placed, long packId) =>
        session[
            """
            UPDATE chunks SET pack_id = $2, frame_offset = $3, frame_stored_bytes = $4, frame_plain_bytes = $5,
              plain_offset = $6
            WHERE hash = $1
            """]
            .Bind(1, placed.Chunk.Hash).Bind(2, packId).Bind(3, placed.Frame.Offset)
            .Bind(4, placed.Frame.StoredBytes).Bind(5, placed.Frame.PlainBytes).Bind(6, placed.PlainOffset).Run();

    private static IEnumerable<PlacedChunk> Place(PackFrame frame)
    {
        var plainOffset = 0;
        foreach (var chunk in frame.Chunks)
        {
            yield return new PlacedChunk(frame, chunk, plainOffset);
            plainOffset += chunk.Length;
        }
    }

    private readonly record struct PlacedChunk(PackFrame Frame, ChunkRef Chunk, int PlainOffset);
}
