using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using ChunkOta.Storage.Postgres;
using ChunkOta.Storage.Sqlite;
using Google.Protobuf;

namespace ChunkOta.Perf.Catalogues;

/// <summary>Measures a catalogue as it grows: its bytes, lookups and a collection. Rows come in bulk; whatever is
/// measured is the catalogue's own code.</summary>
/// <param name="folder">Gets the SQLite file and the objects.</param>
/// <param name="address">The connection string of an empty PostgreSQL database; null for SQLite.</param>
internal sealed class CatalogueCost(string folder, string? address)
{
    private const int Batch = 16_384;
    private const int Batches = 8;
    private const int Singles = 1000;

    private readonly FileObjectStore _objects = FileObjectStore.Open(Path.Combine(folder, "objects"));
    private readonly Random _random = new(1);

    /// <summary>Grows the catalogue to each size, and prints one line of JSON for each.</summary>
    /// <param name="sizes">Chunks, ascending.</param>
    public async Task RunAsync(IReadOnlyList<long> sizes)
    {
        await using (var catalogue = Open()) await CreateProductAsync(catalogue);
        var chunks = 0L;
        foreach (var (index, size) in sizes.Index())
        {
            var started = Stopwatch.GetTimestamp();
            long bytes;
            using (var rows = OpenRows())
            {
                rows.AddChunks(chunks + 1, size, index + 1);
                await GeneratedRelease.AddAsync(rows, _objects, chunks + 1, size, index + 1);
                rows.Finish();
                bytes = rows.ReadBytes();
            }

            var filled = Stopwatch.GetElapsedTime(started);
            chunks = size;
            await using var catalogue = Open();
            var line = new
            {
                engine = catalogue.Engine,
                chunks,
                bytes,
                bytes_per_chunk = Math.Round((double)bytes / chunks, 1),
                fill_seconds = Rounded(filled),
                lookup = await MeasureLookupsAsync(catalogue.Chunks, chunks),
                collection = await MeasureCollectionAsync(catalogue),
                peak_rss_bytes = Process.GetCurrentProcess().PeakWorkingSet64,
            };
            Console.WriteLine(JsonSerializer.Serialize(line));
        }
    }

    private ICatalogue Open() => address is null
        ? SqliteCatalogue.Open(Path.Combine(folder, "catalogue.db"), TimeProvider.System)
        : PostgresCatalogue.Open(PostgresDatabase.Parse(address), TimeProvider.System);

    private BulkRows OpenRows() => address is null
        ? BulkRows.OfSqlite(Path.Combine(folder, "catalogue.db"))
        : BulkRows.OfPostgres(address);

    private static async Task CreateProductAsync(ICatalogue catalogue)
    {
        using var key = SigningKey.Generate();
        var root = new TrustRoot { Version = 1, ExpiresUnixSeconds = int.MaxValue };
        foreach (var role in (string[])[RoleKeys.RootRole, RoleKeys.ReleaseRole, RoleKeys.ChannelRole])
        {
            root.Roles.Add(new TrustRole
            {
                Name = role,
                Threshold = 1,
                Keys = { new TrustKey { Key = ByteString.CopyFrom(key.PublicKey.Span) } },
            });
        }

        var verified = VerifiedRoot.SelfSigned(SignedDocument.Sign(PayloadTypes.Root, root.ToByteArray(), key));
        await catalogue.Identities.CreateProductAsync(new NewProduct(
            "perf", null,
            new RootRecord(verified.Version, verified.Digest, verified.Expires, verified.Envelope.ToByteArray())));
    }

    private async Task<object> MeasureLookupsAsync(IChunkIndex index, long chunks)
    {
        var missing = new byte[Batch / 8];
        var locations = new ChunkLocation[Batch];
        _ = await index.FindMissingAsync(DedupDomain.Shared, Existing(chunks, Batch), missing);
        return new
        {
            batch = Batch,
            find_missing_existing_us = await MicrosecondsAsync(
                Batches, Batch, () => Existing(chunks, Batch),
                async hashes => Expect(await index.FindMissingAsync(DedupDomain.Shared, hashes, missing), 0)),
            find_missing_missing_us = await MicrosecondsAsync(
                Batches, Batch, () => Missing(Batch),
                async hashes => Expect(await index.FindMissingAsync(DedupDomain.Shared, hashes, missing), Batch)),
            locate_us = await MicrosecondsAsync(
                Batches, Batch, () => Existing(chunks, Batch), async hashes =>
                {
                    await index.FindAsync(DedupDomain.Shared, hashes, locations);
                    Expect(locations.Count(location => location.IsKnown), Batch);
                }),
            single_us = await MicrosecondsAsync(
                Singles, 1, () => Existing(chunks, 1),
                async hashes => Expect(await index.FindMissingAsync(DedupDomain.Shared, hashes, missing), 0)),
        };
    }

    /// <summary>Runs a whole collection, and tells the seconds of its steps.</summary>
    private async Task<object> MeasureCollectionAsync(ICatalogue catalogue)
    {
        var steps = new Dictionary<string, double>();
        var watch = new StepWatch(steps);
        var collector = new Collector(
            catalogue, _objects, new CollectionOptions { OrphanGrace = TimeSpan.FromDays(1) }, TimeProvider.System);
        var started = Stopwatch.GetTimestamp();
        var figures = await collector.RunAsync(watch, CancellationToken.None)
            ?? throw new InvalidOperationException("another collection runs");
        watch.End();
        return new
        {
            seconds = Rounded(Stopwatch.GetElapsedTime(started)),
            steps,
            removed_chunks = figures.Chunks,
        };
    }

    private static async Task<double> MicrosecondsAsync(
        int times, int each, Func<Digest[]> choose, Func<Digest[], Task> look)
    {
        var total = TimeSpan.Zero;
        for (var time = 0; time < times; time++)
        {
            var hashes = choose();
            var started = Stopwatch.GetTimestamp();
            await look(hashes);
            total += Stopwatch.GetElapsedTime(started);
        }

        return Math.Round(total.TotalMicroseconds / times / each, 2);
    }

    /// <summary>Chunks of all releases at random; garbage may be gone.</summary>
    private Digest[] Existing(long chunks, int count) =>
        [.. Enumerable.Range(0, count).Select(_ =>
        {
            var number = _random.NextInt64(1, chunks + 1);
            return ChunkNumbers.HashOf(ChunkNumbers.IsGarbage(number) ? number - 1 : number);
        })];

    private Digest[] Missing(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => ChunkNumbers.HashOf(long.MaxValue - _random.NextInt64(1L << 40)))];

    private static void Expect(int found, int expected)
    {
        if (found != expected)
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"found {found} instead of {expected}"));
    }

    private static double Rounded(TimeSpan time) => Math.Round(time.TotalSeconds, 2);

    private sealed class StepWatch(Dictionary<string, double> steps) : IProgress<CollectionProgress>
    {
        private CollectionPhase? _phase;
        private long _since;

        public void Report(CollectionProgress value)
        {
            if (value.Phase == _phase) return;
            End();
            (_phase, _since) = (value.Phase, Stopwatch.GetTimestamp());
        }

        public void End()
        {
            if (_phase is { } phase)
                steps[phase.ToString().ToLowerInvariant()] = Rounded(Stopwatch.GetElapsedTime(_since));
        }
    }
}
