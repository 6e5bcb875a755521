using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>A commit of a release and its pointer, in one transaction.</summary>
internal sealed class SqlCommit(SqlSession session, DateTimeOffset now) : SqlPointers(session, now), ICommitTransaction
{
    private const string InsertRelease =
        """
        INSERT INTO releases (product_id, platform, version, counter, manifest, manifest_payload_bytes,
          manifest_envelope_bytes, published, committed, logical_bytes, files, chunks, distinct_chunks,
          distinct_plain_bytes, new_chunks, new_plain_bytes, new_stored_bytes, build)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 0, 0, 0, $13)
        """;

    public PublishLease? FindLease(Guid publish) => SqlLeases.Find(Session, publish);

    public void SettleLease(Guid publish) =>
        _ = Session["UPDATE publishes SET generation = $2 WHERE id = $1"].Bind(1, publish).Bind(2, long.MaxValue).Run();

    public ReleaseFigures? FindFigures(Digest manifest) =>
        Session[
            """
            SELECT logical_bytes, files, chunks, distinct_chunks, distinct_plain_bytes, new_chunks, new_plain_bytes,
              new_stored_bytes
            FROM releases WHERE manifest = $1 AND deleted IS NULL
            """].Bind(1, manifest).First(row => SqlReleases.ReadFigures(row, 0));

    public bool HasVersion(string product, string platform, string version) =>
        Session["SELECT 1 FROM releases WHERE product_id = $1 AND platform = $2 AND version = $3"]
            .Bind(1, GetProductId(Session, product)).Bind(2, platform).Bind(3, version).Any();

    public IReadOnlyList<string> ListChannelVersions(string product, string platform, string channel) =>
        ListVersions(Session, product, platform, channel);

    public Digest? FindMissingRecipe(IReadOnlyList<Digest> recipes) =>
        Session[
            $"""
            SELECT w.digest FROM {Session.Dialect.DigestRows(1, 2)} w
            WHERE NOT EXISTS (SELECT 1 FROM recipes r WHERE r.digest = w.digest AND NOT {SqlDamage.RecipeIsLost})
            ORDER BY w.i LIMIT 1
            """]
            .Bind(1, recipes.ToArray().AsSpan()).FirstValue(row => row.Digest(0));

    public void TakeBackRecipes(IReadOnlyList<Digest> recipes)
    {
        if (!SqlGarbage.HasRecipes(Session))
            return;
        SqlGarbage.TakeBackRecipes(Session, recipes);
    }

    public void TakeBackChunks(IReadOnlyList<IndexedChunk> chunks)
    {
        if (!SqlGarbage.HasChunks(Session))
            return;
        SqlGarbage.TakeBackChunks(Session, chunks.Select(chunk => chunk.Row));
    }

    public IReadOnlyList<IndexedChunk?> FindChunks(IReadOnlyList<ChunkRef> chunks)
    {
        var found = new IndexedChunk?[chunks.Count];
        var isLost = SqlDamage.HasLostPacks(Session) ? $"AND NOT {SqlDamage.ChunkIsLost}" : "";
        // LEFT JOIN makes the list the outer loop of the join.
        Session[
            $"""
            SELECT w.i, c.id, c.plain_bytes, c.plain_offset, c.frame_stored_bytes, c.frame_plain_bytes, c.release_id
            FROM {Session.Dialect.DigestRows(1, 2)} w LEFT JOIN chunks c ON c.hash = w.digest {isLost}
            """]
            .Bind(1, chunks.Select(chunk => chunk.Hash).ToArray().AsSpan())
            .ForEach(row =>
            {
                if (!row.IsNull(1))
                {
                    found[row.Int(0)] = new IndexedChunk(
                        row.Long(1), row.Int(2), row.Int(3), row.Int(4), row.Int(5), !row.IsNull(6));
                }
            });
        return found;
    }

    public void AddRelease(NewRelease release)
    {
        SqlGarbage.TakeBack(Session, ObjectName.Manifest(release.Manifest), Now);
        _ = Session["UPDATE collection SET commits = commits + 1"].Run();
        _ = Session[InsertRelease]
            .Bind(1, GetProductId(Session, release.Product)).Bind(2, release.Platform).Bind(3, release.Version)
            .Bind(4, (long)release.Counter).Bind(5, release.Manifest).Bind(6, release.ManifestPayloadBytes)
            .Bind(7, release.ManifestEnvelopeBytes).Bind(8, release.Published).Bind(9, Now)
            .Bind(10, release.LogicalBytes).Bind(11, release.FileCount).Bind(12, release.ChunkCount)
            .Bind(13, release.Build).Run();
    }

    public void AddFiles(string product, IReadOnlyCollection<KnownFile> files)
    {
        var id = GetProductId(Session, product);
        _ = Session[
            "INSERT INTO product_files (product_id, digest, size, recipe) VALUES ($1, $2, $3, $4) ON CONFLICT DO "
            + "NOTHING"]
            .RunEach(
                files,
                (insert, file) => insert.Bind(1, id).Bind(2, file.Digest).Bind(3, file.Size).Bind(4, file.Recipe));
    }

    public void SetFirstRelease(Digest manifest, IReadOnlyList<IndexedChunk> chunks)
    {
        var release = GetReleaseId(Session, manifest);
        _ = Session["UPDATE chunks SET release_id = $2 WHERE id = $1"]
            .RunEach(chunks, (update, chunk) => update.Bind(1, chunk.Row).Bind(2, release));
    }

    public IReadOnlyList<IndexedChunk> AddProductChunks(string product, IReadOnlyList<IndexedChunk> chunks)
    {
        var id = GetProductId(Session, product);
        var added = Session[
            "INSERT INTO product_chunks (product_id, chunk_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"]
            .RunEach(chunks, (insert, chunk) => insert.Bind(1, id).Bind(2, chunk.Row));
        return [.. chunks.Where((_, i) => added[i] == 1)];
    }

    public void GrowProduct(string product, long plainBytes, long storedBytes) =>
        _ = Session[
            """
            UPDATE products SET distinct_plain_bytes = distinct_plain_bytes + $2, stored_bytes = stored_bytes + $3
            WHERE name = $1
            """].Bind(1, product).Bind(2, plainBytes).Bind(3, storedBytes).Run();

    public void SettleUpload(Guid publish) =>
        _ = Session["UPDATE publishes SET brought_bytes = 0 WHERE id = $1"].Bind(1, publish).Run();

    public void SetFigures(Digest manifest, ReleaseFigures figures) =>
        _ = Session[
            """
            UPDATE releases SET distinct_chunks = $2, distinct_plain_bytes = $3, new_chunks = $4, new_plain_bytes = $5,
              new_stored_bytes = $6
            WHERE manifest = $1
            """]
            .Bind(1, manifest).Bind(2, figures.DistinctChunks).Bind(3, figures.DistinctPlainBytes)
            .Bind(4, figures.NewChunks).Bind(5, figures.NewPlainBytes).Bind(6, figures.NewStoredBytes).Run();
}
