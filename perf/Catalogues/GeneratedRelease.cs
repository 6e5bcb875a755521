using System.Globalization;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using Google.Protobuf;

namespace ChunkOta.Perf.Catalogues;

/// <summary>A release of a range of chunks, in files of 4,096: its manifest and its recipes, as a collection reads
/// them.</summary>
internal static class GeneratedRelease
{
    private const int ChunksOfFile = 4096;
    private const int PutAtOnce = 64;

    /// <summary>Stores the release.</summary>
    /// <param name="rows">Gets the rows of release and recipes.</param>
    /// <param name="objects">Gets the objects.</param>
    /// <param name="from">The first chunk.</param>
    /// <param name="to">The last chunk.</param>
    /// <param name="number">The number of the release, from 1.</param>
    public static async Task AddAsync(BulkRows rows, IObjectStore objects, long from, long to, long number)
    {
        var manifest = new Manifest
        {
            Product = "perf",
            Platform = "any",
            Version = string.Create(CultureInfo.InvariantCulture, $"{number}.0.0"),
            Counter = (ulong)number,
            Cut = CutParameters.Default.ToDocument(),
        };
        rows.Run("BEGIN");
        List<ObjectContent> batch = [];
        for (var first = from; first <= to; first += ChunksOfFile)
        {
            var recipe = RecipeOf(first, Math.Min(to, first + ChunksOfFile - 1));
            manifest.Entries.Add(EntryOf(recipe, manifest.Entries.Count));
            var bytes = recipe.ToBytes();
            rows.Run(
                "INSERT INTO recipes (digest, bytes) VALUES ($1, $2)", recipe.Digest.ToArray(), (long)bytes.Length);
            batch.Add(new ObjectContent(ObjectName.Recipe(recipe.Digest), bytes));
            if (batch.Count == PutAtOnce) await PutAsync(objects, batch);
        }

        await PutAsync(objects, batch);
        using var key = SigningKey.Generate();
        var envelope = SignedDocument.Sign(PayloadTypes.Manifest, manifest.ToByteArray(), key);
        var digest = SignedDocument.DigestOf(envelope);
        await objects.PutManyAsync([new ObjectContent(ObjectName.Manifest(digest), envelope.ToByteArray())]);
        rows.Run(
            """
            INSERT INTO releases (id, product_id, platform, version, counter, manifest, manifest_payload_bytes,
              manifest_envelope_bytes, published, committed, logical_bytes, files, chunks, distinct_chunks,
              distinct_plain_bytes, new_chunks, new_plain_bytes, new_stored_bytes)
            VALUES ($1, 1, 'any', $2, $1, $3, $4, $5, 0, 0, 0, $6, 0, 0, 0, 0, 0, 0)
            """,
            number, manifest.Version, digest.ToArray(), (long)envelope.Payload.Length,
            (long)envelope.CalculateSize(), (long)manifest.Entries.Count);
        rows.Run("COMMIT");
    }

    private static async Task PutAsync(IObjectStore objects, List<ObjectContent> batch)
    {
        if (batch.Count > 0) await objects.PutManyAsync(batch);
        batch.Clear();
    }

    private static Recipe RecipeOf(long first, long last)
    {
        List<ChunkRef> chunks = [];
        for (var number = first; number <= last; number++)
        {
            if (!ChunkNumbers.IsGarbage(number))
                chunks.Add(new ChunkRef(ChunkNumbers.HashOf(number), ChunkNumbers.PlainBytes));
        }

        return Recipe.Of([.. chunks]);
    }

    private static Entry EntryOf(Recipe recipe, int index) => new()
    {
        Path = string.Create(CultureInfo.InvariantCulture, $"file{index:00000000}"),
        Kind = EntryKind.File,
        Size = (ulong)recipe.Chunks.Count * ChunkNumbers.PlainBytes,
        Digest = recipe.Digest.ToByteString(),
        Recipe = recipe.Digest.ToByteString(),
    };
}
