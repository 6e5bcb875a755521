using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Chunks, packs and recipes in SQLite.</summary>
internal sealed class SqliteChunkIndex(SqliteDatabase database, TimeProvider time) : IChunkIndex
{
    // Answered by the index on hash alone.
    private const string IsKnown = "SELECT 1 FROM chunks WHERE hash = ?1";

    private const string Locate =
        """
        SELECT p.digest, c.frame_offset, c.frame_stored_bytes, c.frame_plain_bytes, c.plain_offset, c.plain_bytes
        FROM chunks c JOIN packs p ON p.id = c.pack_id WHERE c.hash = ?1
        """;

    private const string AddPack =
        """
        INSERT INTO packs (digest, stored_bytes, chunks, plain_bytes, publish, added) VALUES (?1, ?2, 0, 0, ?3, ?4)
        ON CONFLICT DO NOTHING
        """;

    private const string AddChunk =
        """
        INSERT INTO chunks
          (hash, pack_id, frame_offset, frame_stored_bytes, frame_plain_bytes, plain_offset, plain_bytes)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING
        """;

    public ValueTask<int> FindMissingAsync(
        ReadOnlyMemory<Digest> hashes, Memory<byte> missing, CancellationToken cancellationToken = default)
    {
        if (missing.Length < (hashes.Length + 7) / 8)
            throw new ArgumentException("There must be a bit for each hash.", nameof(missing));
        return database.ReadAsync(
            session =>
            {
                var bits = missing.Span;
                bits.Clear();
                var count = 0;
                var row = session[IsKnown];
                for (var i = 0; i < hashes.Length; i++)
                {
                    var isKnown = row.Bind(1, hashes.Span[i]).Step();
                    row.Reset();
                    if (isKnown)
                        continue;
                    bits[i / 8] |= (byte)(1 << (i % 8));
                    count++;
                }
                return count;
            },
            cancellationToken);
    }

    public async ValueTask FindAsync(
        ReadOnlyMemory<Digest> hashes, Memory<ChunkLocation> locations, CancellationToken cancellationToken = default)
    {
        if (locations.Length < hashes.Length)
            throw new ArgumentException("There must be a place for each hash.", nameof(locations));
        _ = await database.ReadAsync(
            session =>
            {
                var row = session[Locate];
                for (var i = 0; i < hashes.Length; i++)
                {
                    locations.Span[i] = row.Bind(1, hashes.Span[i]).Step()
                        ? new ChunkLocation(
                            new FrameLocation(row.Digest(0), row.Int(1), row.Int(2), row.Int(3)), row.Int(4), row.Int(5))
                        : default;
                    row.Reset();
                }
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public Task<PackGain> AddPackAsync(
        PackContents pack, Guid publish, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var isNew = session[AddPack]
                    .Bind(1, pack.Digest).Bind(2, pack.StoredBytes).Bind(3, publish).Bind(4, time.GetUtcNow()).Run() == 1;
                return isNew ? AddChunks(session, pack, session.LastId) : default;
            },
            cancellationToken);

    public async Task AddRecipesAsync(
        IReadOnlyList<StoredRecipe> recipes, CancellationToken cancellationToken = default)
    {
        if (recipes.Count == 0)
            return;
        _ = await database.WriteAsync(
            session =>
            {
                var insert = session["INSERT INTO recipes (digest, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING"];
                foreach (var recipe in recipes)
                    _ = insert.Bind(1, recipe.Digest).Bind(2, recipe.Bytes).Run();
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<int[]> FindRecipeBytesAsync(
        IReadOnlyList<Digest> recipes, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session =>
            {
                var row = session["SELECT bytes FROM recipes WHERE digest = ?1"];
                var lengths = new int[recipes.Count];
                for (var i = 0; i < lengths.Length; i++)
                {
                    lengths[i] = row.Bind(1, recipes[i]).Step() ? row.Int(0) : 0;
                    row.Reset();
                }
                return lengths;
            },
            cancellationToken);

    private static PackGain AddChunks(SqliteSession session, PackContents pack, long packId)
    {
        var insert = session[AddChunk];
        var gain = default(PackGain);
        foreach (var frame in pack.Frames)
        {
            var plainOffset = 0;
            foreach (var chunk in frame.Chunks)
            {
                var added = insert
                    .Bind(1, chunk.Hash).Bind(2, packId).Bind(3, frame.Offset).Bind(4, frame.StoredBytes)
                    .Bind(5, frame.PlainBytes).Bind(6, plainOffset).Bind(7, chunk.Length).Run();
                gain = new PackGain(gain.Chunks + added, gain.PlainBytes + (added * (long)chunk.Length));
                plainOffset += chunk.Length;
            }
        }
        _ = session["UPDATE packs SET chunks = ?2, plain_bytes = ?3 WHERE id = ?1"]
            .Bind(1, packId).Bind(2, gain.Chunks).Bind(3, gain.PlainBytes).Run();
        return gain;
    }
}
