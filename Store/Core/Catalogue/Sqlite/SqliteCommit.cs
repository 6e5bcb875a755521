using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>One commit of a release and its pointer, inside one transaction of the writer.</summary>
internal sealed class SqliteCommit(SqliteSession session, DateTimeOffset now)
{
    private const string InsertRelease =
        """
        INSERT INTO releases (product_id, platform, version, counter, manifest, manifest_payload_bytes,
          manifest_envelope_bytes, published, committed, logical_bytes, files, chunks, distinct_chunks,
          distinct_plain_bytes, new_chunks, new_plain_bytes, new_stored_bytes)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, 0, 0, 0, 0)
        """;

    private const string FindChunk =
        """
        SELECT id, plain_bytes, release_id IS NULL, frame_stored_bytes, frame_plain_bytes, plain_offset
        FROM chunks WHERE hash = ?1
        """;

    internal CommitOutcome Run(Guid publish, NewRelease release, NewPointer pointer)
    {
        var lease = GetLease(publish, release.Product, release.Platform, release.Version, pointer.Channel);
        var productId = SqliteProducts.GetId(session, release.Product);
        var known = FindFigures(release.Manifest);
        if (known is null)
            CheckFree(productId, release);
        if (!lease.AllowsOlder)
            CheckGreater(productId, release.Platform, release.Version, pointer.Channel);
        var figures = known ?? Insert(productId, release);
        SqlitePointers.Put(session, productId, pointer);
        return new CommitOutcome(known is not null, figures);
    }

    internal CommitOutcome Run(Guid publish, ReleaseRecord release, NewPointer pointer)
    {
        var lease = GetLease(publish, release.Product, release.Platform, release.Version, pointer.Channel);
        var productId = SqliteProducts.GetId(session, release.Product);
        var figures = FindFigures(release.Manifest)
            ?? throw new CatalogueRefusedException(
                ErrorCodes.ReleaseUnknown, $"There is no release {release.Manifest}: publish it.");
        if (!lease.AllowsOlder)
            CheckGreater(productId, release.Platform, release.Version, pointer.Channel);
        SqlitePointers.Put(session, productId, pointer);
        return new CommitOutcome(IsAlreadyPublished: true, figures);
    }

    private PublishLease GetLease(Guid publish, string product, string platform, string version, string channel)
    {
        var lease = SqlitePublishLeases.Get(session, publish, now);
        return lease.Product == product && lease.Platform == platform && lease.Version == version
            && lease.Channel == channel
            ? lease
            : throw new CatalogueRefusedException(
                ErrorCodes.PublishUnknown,
                $"The publish was begun for {lease.Product} {lease.Version} on {lease.Platform}, "
                + $"channel {lease.Channel}: begin another.");
    }

    private ReleaseFigures? FindFigures(Digest manifest)
    {
        var row = session[
            """
            SELECT logical_bytes, files, chunks, distinct_chunks, distinct_plain_bytes, new_chunks, new_plain_bytes,
              new_stored_bytes
            FROM releases WHERE manifest = ?1
            """].Bind(1, manifest);
        var figures = row.Step() ? SqliteReleaseCatalogue.ReadFigures(row, 0) : null;
        row.Reset();
        return figures;
    }

    private void CheckFree(long productId, NewRelease release)
    {
        var version = session["SELECT 1 FROM releases WHERE product_id = ?1 AND platform = ?2 AND version = ?3"]
            .Bind(1, productId).Bind(2, release.Platform).Bind(3, release.Version);
        if (version.Step())
        {
            throw new CatalogueRefusedException(
                ErrorCodes.VersionTaken,
                $"{release.Product} {release.Version} for {release.Platform} is published with other content: take another version.");
        }

        var counter = session["SELECT max(counter) FROM releases WHERE product_id = ?1 AND platform = ?2"]
            .Bind(1, productId).Bind(2, release.Platform);
        _ = counter.Step();
        if (!counter.IsNull(0) && counter.Long(0) >= SqliteNumbers.Of(release.Counter, ErrorCodes.ManifestInvalid))
        {
            throw new CatalogueRefusedException(
                ErrorCodes.CounterTaken,
                $"{release.Product} for {release.Platform} is at counter {counter.Long(0)} already: sign again with a later one.");
        }
        counter.Reset();
    }

    private void CheckGreater(long productId, string platform, string releaseVersion, string channel)
    {
        var version = ReleaseVersion.Parse(releaseVersion);
        foreach (var text in SqlitePointers.Versions(session, productId, platform, channel))
        {
            var other = ReleaseVersion.Parse(text);
            // The same version is the same release here: its commit is being repeated.
            if (other.CompareTo(version) > 0)
            {
                throw new CatalogueRefusedException(
                    ErrorCodes.VersionNotGreater,
                    $"{releaseVersion} is not greater than {other}, which {channel} has had: "
                    + "allow older versions to publish it.");
            }
        }
    }

    private ReleaseFigures Insert(long productId, NewRelease release)
    {
        _ = session[InsertRelease]
            .Bind(1, productId).Bind(2, release.Platform).Bind(3, release.Version)
            .Bind(4, SqliteNumbers.Of(release.Counter, ErrorCodes.ManifestInvalid)).Bind(5, release.Manifest)
            .Bind(6, release.ManifestPayloadBytes).Bind(7, release.ManifestEnvelopeBytes).Bind(8, release.Published)
            .Bind(9, now).Bind(10, release.LogicalBytes).Bind(11, release.FileCount).Bind(12, release.ChunkCount).Run();
        var releaseId = session.LastId;
        AddFiles(productId, release);
        var figures = AddChunks(productId, releaseId, release);
        _ = session[
            """
            UPDATE releases SET distinct_chunks = ?2, distinct_plain_bytes = ?3, new_chunks = ?4, new_plain_bytes = ?5,
              new_stored_bytes = ?6
            WHERE id = ?1
            """]
            .Bind(1, releaseId).Bind(2, figures.DistinctChunks).Bind(3, figures.DistinctPlainBytes)
            .Bind(4, figures.NewChunks).Bind(5, figures.NewPlainBytes).Bind(6, figures.NewStoredBytes).Run();
        return figures;
    }

    private void AddFiles(long productId, NewRelease release)
    {
        var recipe = session["SELECT 1 FROM recipes WHERE digest = ?1"];
        var insert = session[
            """
            INSERT INTO product_files (product_id, digest, size, recipe) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING
            """];
        foreach (var file in release.Files)
        {
            if (file.Recipe is { } digest)
            {
                if (!recipe.Bind(1, digest).Step())
                    throw Incomplete(release, $"the recipe {digest}");
                recipe.Reset();
            }
            _ = insert.Bind(1, productId).Bind(2, file.Digest).Bind(3, file.Size).Bind(4, file.Recipe).Run();
        }
    }

    private ReleaseFigures AddChunks(long productId, long releaseId, NewRelease release)
    {
        var (distinctPlain, isNewChunks, newPlain, newStored) = (0L, 0L, 0L, 0L);
        var (productPlain, productStored) = (0L, 0L);
        var find = session[FindChunk];
        var claim = session["UPDATE chunks SET release_id = ?2 WHERE id = ?1"];
        var insert = session[
            "INSERT INTO product_chunks (product_id, chunk_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING"];
        foreach (var chunk in release.Chunks)
        {
            if (!find.Bind(1, chunk.Hash).Step() || find.Long(1) != chunk.Length)
                throw Incomplete(release, $"the chunk {chunk.Hash} of {chunk.Length} bytes");
            var (id, isNew) = (find.Long(0), find.Flag(2));
            var stored = StoredShare(find.Long(3), find.Long(4), find.Long(5), chunk.Length);
            find.Reset();
            distinctPlain += chunk.Length;
            if (isNew)
            {
                _ = claim.Bind(1, id).Bind(2, releaseId).Run();
                (isNewChunks, newPlain, newStored) = (isNewChunks + 1, newPlain + chunk.Length, newStored + stored);
            }
            if (insert.Bind(1, productId).Bind(2, id).Run() == 1)
                (productPlain, productStored) = (productPlain + chunk.Length, productStored + stored);
        }
        _ = session[
            """
            UPDATE products SET distinct_plain_bytes = distinct_plain_bytes + ?2, stored_bytes = stored_bytes + ?3
            WHERE id = ?1
            """].Bind(1, productId).Bind(2, productPlain).Bind(3, productStored).Run();
        return new ReleaseFigures
        {
            LogicalBytes = release.LogicalBytes,
            Files = release.FileCount,
            Chunks = release.ChunkCount,
            DistinctChunks = release.Chunks.Count,
            DistinctPlainBytes = distinctPlain,
            NewChunks = isNewChunks,
            NewPlainBytes = newPlain,
            NewStoredBytes = newStored,
        };
    }

    /// <summary>A chunk's share of its frame's stored bytes: rounded so that the shares of a frame add up to
    /// it.</summary>
    private static long StoredShare(long frameStored, long framePlain, long plainOffset, long plainBytes) =>
        ((plainOffset + plainBytes) * frameStored / framePlain) - (plainOffset * frameStored / framePlain);

    private static CatalogueRefusedException Incomplete(NewRelease release, string what) => new(
        ErrorCodes.ReleaseIncomplete, $"The store lacks {what} of {release.Product} {release.Version}: send it and commit again.");
}
