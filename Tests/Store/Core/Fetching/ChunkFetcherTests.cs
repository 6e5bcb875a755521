using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Store.Model;
using ChunkOta.Tests.Store.Publishing;
using ChunkOta.Tests.Support;
using Google.Protobuf;

namespace ChunkOta.Tests.Store.Reading;

public sealed class ChunkFetcherTests : IAsyncLifetime
{
    private static readonly Tree Content = Tree.Of(("a", 1, 5_000_000), ("b", 2, 3_000_000), ("c", 3, 100));

    private readonly TemporaryFolder _folder = new();
    private readonly MemoryObjectStore _objects = new();
    private ICatalogue _catalogue = null!;
    private Digest _manifest;

    public async ValueTask InitializeAsync()
    {
        _catalogue = SqliteCatalogue.Open(_folder["catalogue.db"], TimeProvider.System);
        await ModelPublisher.CreateAsync(_catalogue, "app");
        using var slots = new PackWriterPool(1, 1, TimeProvider.System);
        await using var intake = new FrameIntake(_objects, _catalogue, slots, Leases.Of("app"), "ci");
        using var encoder = new ZstdEncoder(1);
        foreach (var group in Frames.Group(Content.Files.SelectMany(file => file.Chunks)))
        {
            var (frame, lengths) = Frames.Encode(group, encoder);
            await intake.AddAsync(frame, lengths, default);
        }

        await intake.FinishAsync(default);
        foreach (var recipe in Content.Files.Select(file => file.Recipe).OfType<Recipe>())
            await _objects.PutAsync(ObjectName.Recipe(recipe.Digest), recipe.ToBytes());
        var manifest = new Manifest
        {
            Product = "app",
            Cut = CutParameters.Default.ToDocument(),
            Entries = { Content.Files.Select(file => file.Entry) },
        };
        var payload = manifest.ToByteString();
        _manifest = Digest.Of(payload.Span);
        await _objects.PutAsync(ObjectName.Manifest(_manifest), new Envelope { Payload = payload }.ToByteArray());
    }

    public async ValueTask DisposeAsync()
    {
        await _catalogue.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Everything_comes_in_the_order_asked_whatever_is_read_ahead(int readsAhead)
    {
        using var fetcher = Fetcher(readsAhead);

        var names = await FetchAsync(fetcher, All());

        var expected = Content.Files.Index()
            .SelectMany(file => file.Item.Chunks.Index().Select(chunk => ((uint)file.Index, (uint)chunk.Index)));
        Assert.Equal(expected, names);
    }

    [Fact]
    public async Task Calls_at_once_share_the_budget_and_all_end()
    {
        using var fetcher = Fetcher(readsAhead: 2);

        var all = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => FetchAsync(fetcher, All())));

        Assert.All(all, names => Assert.Equal(Content.Files.Sum(file => file.Chunks.Count), names.Count));
    }

    [Fact]
    public async Task A_call_that_is_given_up_leaves_the_budget_whole()
    {
        using var fetcher = Fetcher(readsAhead: 3);
        for (var i = 0; i < 20; i++)
        {
            await foreach (var batch in fetcher.FetchAsync(_manifest, All(), default))
            {
                batch.Dispose();
                break;
            }
        }

        Assert.Equal(3, fetcher.ReadsAheadLeft);
        await FetchAsync(fetcher, All());
        Assert.Equal(3, fetcher.ReadsAheadLeft);
    }

    [Fact]
    public async Task A_chunk_that_the_store_lost_is_named()
    {
        await using var empty = SqliteCatalogue.Open(_folder["empty.db"], TimeProvider.System);
        await ModelPublisher.CreateAsync(empty, "app");
        using var fetcher = new ChunkFetcher(
            _objects, empty, new ReleaseReader(_objects, empty.Identities, 0, 0), 3, 4);

        var failure = await Assert.ThrowsAsync<ChunkOtaException>(() => FetchAsync(fetcher, All()));

        Assert.Equal(ErrorCodes.ChunkMissing, failure.Code);
        Assert.Contains(Content.Files[0].Chunks[0].Hash.ToString(), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pack_that_is_gone_is_an_error_of_the_store()
    {
        await foreach (var pack in _objects.ListAsync(ObjectKind.Pack)) await _objects.DeleteAsync(pack);
        using var fetcher = Fetcher(readsAhead: 4);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => FetchAsync(fetcher, All()));

        Assert.Equal(ErrorCodes.StoreUnavailable, failure.Code);
        Assert.Equal(4, fetcher.ReadsAheadLeft);
    }

    [Fact]
    public async Task A_chunk_comes_in_parts_that_make_it_up()
    {
        using var fetcher = Fetcher(readsAhead: 4);
        using var decoder = new ZstdDecoder();
        var chunk = Content.Files[0].Chunks[3];
        var plain = new List<byte>();

        for (var at = 0; at < chunk.Ref.Length; at += 10_000)
        {
            var slice = new ChunkSlice((uint)at, (uint)Math.Min(10_000, chunk.Ref.Length - at));
            using var batch = await fetcher.FetchSliceAsync(_manifest, Run(0, 3, 1), slice, default);
            var frame = Assert.Single(batch.Frames);
            Assert.Equal([FrameSpan.Skip(slice.Bytes)], frame.ReadSpans());
            using var decoded = ChunkFrame.Decode(frame.Frame, decoder);
            plain.AddRange(decoded.Plain.Span);
        }

        Assert.Equal(chunk.Hash, Digest.Of(plain.ToArray()));
    }

    [Theory]
    [InlineData(0u, 1u, 0u, 0u)]
    [InlineData(0u, 1u, 0u, 300_000u)]
    [InlineData(0u, 1u, uint.MaxValue, 1u)]
    [InlineData(0u, 2u, 0u, 1u)]
    [InlineData(9_999u, 1u, 0u, 1u)]
    public async Task A_part_that_a_chunk_does_not_have_is_refused(uint first, uint count, uint offset, uint bytes)
    {
        using var fetcher = Fetcher(readsAhead: 4);

        var failure = await Assert.ThrowsAsync<ChunkOtaException>(
            () => fetcher.FetchSliceAsync(_manifest, Run(0, first, count), new ChunkSlice(offset, bytes), default));

        Assert.Equal(ErrorCodes.EntryInvalid, failure.Code);
    }

    [Fact]
    public async Task Too_many_wants_are_refused()
    {
        using var fetcher = Fetcher(readsAhead: 4);
        var wants = Enumerable.Range(0, ChunkFetcher.MaxWants + 1).Select(_ => Run(2, 0, 1)).ToList();

        var failure = await Assert.ThrowsAsync<ChunkOtaException>(() => FetchAsync(fetcher, wants));

        Assert.Equal(ErrorCodes.TooLarge, failure.Code);
    }

    private ChunkFetcher Fetcher(int readsAhead) =>
        new(
            _objects, _catalogue, new ReleaseReader(_objects, _catalogue.Identities, 1 << 20, 1 << 20),
            gatherLevel: 3, readsAhead);

    private static List<ChunkRange> All() =>
        [.. Content.Files.Index().Select(file => Run((uint)file.Index, 0, (uint)file.Item.Chunks.Count))];

    /// <summary>Fetches, verifies every chunk, and returns their names in the order they came.</summary>
    private async Task<List<(uint Entry, uint Number)>> FetchAsync(
        ChunkFetcher fetcher, IReadOnlyList<ChunkRange> wants)
    {
        using var decoder = new ZstdDecoder();
        var names = new List<(uint, uint)>();
        await foreach (var batch in fetcher.FetchAsync(_manifest, wants, default))
        {
            using (batch)
            {
                foreach (var frame in batch.Frames)
                {
                    using var decoded = ChunkFrame.Decode(frame.Frame, decoder);
                    var at = 0;
                    foreach (var span in frame.ReadSpans())
                    {
                        at += (int)span.SkippedBytes;
                        for (var number = span.First; number < span.First + span.Count; number++)
                        {
                            at += decoded.VerifyAt(at, Content.Files[(int)span.Entry].Chunks[(int)number].Ref).Length;
                            names.Add((span.Entry, number));
                        }
                    }
                }
            }
        }

        return names;
    }

    private static ChunkRange Run(uint entry, uint first, uint count) => new(entry, first, count);
}
