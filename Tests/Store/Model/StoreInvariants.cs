using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Model;

/// <summary>The invariants of a store that is at rest: a visible release has all its chunks, durable and with the right
/// hash (I1); a row has its object (I2, I5); packs are named by their bytes and list their chunks (I3, I4).</summary>
internal sealed class StoreInvariants(
    ICatalogue catalogue, IObjectReader objects, Func<string, Task<IReadOnlyList<Digest>>> select)
{
    private static readonly Dictionary<ObjectKind, string> Rows = new()
    {
        [ObjectKind.Pack] = "SELECT digest FROM packs",
        [ObjectKind.Recipe] = "SELECT digest FROM recipes",
        [ObjectKind.Manifest] = "SELECT manifest FROM releases WHERE purged IS NULL",
    };

    /// <summary>Reads everything of a release as a device would.</summary>
    /// <param name="domain">The domain of its product.</param>
    /// <param name="manifest">The release.</param>
    /// <param name="files">Its files.</param>
    /// <returns>The first fault; null when all is there.</returns>
    public async Task<string?> FindFaultAsync(
        DedupDomain domain, Digest manifest, IReadOnlyList<ModelFile> files, CancellationToken cancellationToken)
    {
        try
        {
            using var codecs = new CodecPool(1);
            foreach (var chunk in files.SelectMany(file => file.Chunks).DistinctBy(chunk => chunk.Hash))
                await ReadAsync(domain, chunk.Hash, codecs, cancellationToken);
            foreach (var file in files.Where(file => file.Recipe is not null))
            {
                var bytes = new byte[file.Recipe!.Length];
                await objects.ReadAsync(
                    ObjectName.Recipe(domain, file.Known.Recipe!.Value), 0, bytes, cancellationToken);
                if (!bytes.AsSpan().SequenceEqual(file.Recipe)) return $"recipe {file.Known.Recipe} differs";
            }

            _ = await new ReleaseReader(objects, catalogue.Identities, 0, 0)
                .GetListingAsync(manifest, cancellationToken);
            return null;
        }
        catch (ChunkOtaException fault) when (fault is not StoreUnavailableException)
        {
            return fault.Message;
        }
    }

    /// <summary>Every row has its object, a pack is what its name says, and counts what points to it.</summary>
    public async Task CheckRowsAsync()
    {
        foreach (var (kind, rows) in Rows)
        {
            foreach (var digest in await select(rows))
            {
                var name = new ObjectName(kind, digest);
                var length = await objects.FindLengthAsync(name);
                Assert.True(length is not null, $"{name} has a row and is gone");
                if (kind != ObjectKind.Pack) continue;
                var bytes = new byte[length.Value];
                await objects.ReadAsync(name, 0, bytes);
                Assert.Equal(digest, PackReader.Read(bytes).Digest);
            }
        }

        Assert.Empty(await select(
            """
            SELECT p.digest FROM packs p LEFT JOIN chunks c ON c.pack_id = p.id
            GROUP BY p.digest, p.chunks, p.plain_bytes HAVING p.chunks <> count(c.id)
              OR p.plain_bytes <> coalesce(sum(c.plain_bytes), 0)
            """));
    }

    /// <summary>No pack has chunks of two domains: neither of two isolated products, nor of one and of
    /// others.</summary>
    public async Task CheckDomainsAsync() => Assert.Empty(await select(
        """
        SELECT p.digest FROM packs p JOIN chunks c ON c.pack_id = p.id JOIN product_chunks x ON x.chunk_id = c.id
        JOIN products o ON o.id = x.product_id
        GROUP BY p.digest HAVING count(DISTINCT CASE WHEN o.dedup_mask IS NOT NULL THEN o.id ELSE 0 END) > 1
        """));

    /// <summary>There is no object without a row.</summary>
    public async Task CheckObjectsAsync()
    {
        foreach (var (kind, rows) in Rows)
        {
            List<Digest> names = [];
            await foreach (var name in objects.ListAsync(kind)) names.Add(name.Digest);
            Assert.Equal((await select(rows)).Order(), names.Order());
        }
    }

    private async Task ReadAsync(
        DedupDomain domain, Digest hash, CodecPool codecs, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            var locations = new ChunkLocation[1];
            await catalogue.Chunks.FindAsync(domain, new[] { hash }, locations, cancellationToken);
            if (!locations[0].IsKnown)
                throw new ChunkOtaException(ErrorCodes.ChunkMissing, $"chunk {hash} is missing");
            try
            {
                using var frame = await StoredFrames.DecodeAsync(
                    objects, codecs, locations[0].Frame, cancellationToken);
                _ = StoredFrames.Verify(frame, locations[0], hash);
                return;
            }
            catch (ObjectMissingException) when (tries < 3)
            {
                // The clock jumped over the grace of a compaction while the reader stood still.
                continue;
            }
        }
    }
}
