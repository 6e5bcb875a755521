using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Publishing;

public sealed class IntakeTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly FaultyObjectStore _objects = new();
    private ICatalogue _catalogue = null!;

    public ValueTask InitializeAsync()
    {
        _catalogue = SqliteCatalogue.Open(_folder["catalogue.db"], TimeProvider.System);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _catalogue.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Chunks_are_indexed_only_when_the_stream_ends_or_a_pack_is_full()
    {
        using var slots = new PackWriterPool(1, 1, TimeProvider.System);
        var chunks = RandomChunks(1, 40);
        await using var intake = new FrameIntake(_objects, _catalogue, slots, Leases.Of("app"), "ci");

        await AddAsync(intake, chunks);
        var before = await CountMissingAsync(chunks);
        await intake.FinishAsync(default);

        Assert.Equal(40, before);
        Assert.Equal(0, await CountMissingAsync(chunks));
        Assert.Equal(40, intake.NewChunks);
        Assert.Equal(40 * 200_000, intake.NewPlainBytes);
    }

    [Fact]
    public async Task A_long_stream_becomes_packs_of_about_16_MiB()
    {
        using var slots = new PackWriterPool(2, 2, TimeProvider.System);
        await using var intake = new FrameIntake(_objects, _catalogue, slots, Leases.Of("app"), "ci");

        await AddAsync(intake, RandomChunks(2, 200));
        await intake.FinishAsync(default);

        var packs = await _objects.Inner.ListAsync(ObjectKind.Pack).ToListAsync();
        Assert.Equal(3, packs.Count);
        var lengths = new List<long>();
        foreach (var pack in packs) lengths.Add((await _objects.FindLengthAsync(pack))!.Value);
        Assert.All(lengths, length =>
            Assert.InRange(length, 1, PackWriter.AimBytes + ChunkFrame.MaxStoredBytes + 100_000));
        Assert.Equal(intake.StoredBytes, lengths.Sum());
    }

    [Fact]
    public async Task Streams_at_once_share_the_slots_and_all_end()
    {
        using var slots = new PackWriterPool(2, 2, TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(async seed =>
        {
            await using var intake = new FrameIntake(_objects, _catalogue, slots, Leases.Of("app"), "ci");
            await AddAsync(intake, RandomChunks(100 + seed, 100));
            await intake.FinishAsync(default);
        }));

        Assert.Equal(
            0, await CountMissingAsync([.. Enumerable.Range(0, 6).SelectMany(seed => RandomChunks(100 + seed, 100))]));
    }

    [Fact]
    public async Task A_full_store_ends_the_stream_and_gives_its_slots_back()
    {
        using var slots = new PackWriterPool(1, 1, TimeProvider.System);
        var chunks = RandomChunks(3, 10);
        _objects.Failure = new ChunkOtaException(ErrorCodes.StoreFull, "full");

        await using (var intake = new FrameIntake(_objects, _catalogue, slots, Leases.Of("app"), "ci"))
        {
            await AddAsync(intake, chunks);
            var failure = await Assert.ThrowsAsync<ChunkOtaException>(() => intake.FinishAsync(default));
            Assert.Equal(ErrorCodes.StoreFull, failure.Code);
        }

        Assert.Equal(10, await CountMissingAsync(chunks));
        _objects.Failure = null;
        await using var next = new FrameIntake(_objects, _catalogue, slots, Leases.Of("app"), "ci");
        await AddAsync(next, chunks);
        await next.FinishAsync(default);
        Assert.Equal(0, await CountMissingAsync(chunks));
    }

    [Fact]
    public async Task A_stream_that_is_given_up_gives_its_slot_back()
    {
        using var slots = new PackWriterPool(1, 1, TimeProvider.System);
        await using (var abandoned = new FrameIntake(_objects, _catalogue, slots, Leases.Of("app"), "ci"))
            await AddAsync(abandoned, RandomChunks(4, 3));

        await using var next = new FrameIntake(_objects, _catalogue, slots, Leases.Of("app"), "ci");
        await AddAsync(next, RandomChunks(5, 3));
        await next.FinishAsync(default);

        Assert.Equal(3, await CountMissingAsync(RandomChunks(4, 3)));
        Assert.Equal(0, await CountMissingAsync(RandomChunks(5, 3)));
    }

    [Fact]
    public async Task A_frame_with_one_new_chunk_is_stored_as_it_was_sent()
    {
        using var slots = new PackWriterPool(1, 1, TimeProvider.System);
        var chunks = RandomChunks(6, 2);
        await using var first = new FrameIntake(_objects, _catalogue, slots, Leases.Of("app"), "ci");
        await AddAsync(first, [chunks[0]]);
        await first.FinishAsync(default);

        await using var second = new FrameIntake(_objects, _catalogue, slots, Leases.Of("app"), "ci");
        using var encoder = new ZstdEncoder(1);
        var (frame, lengths) = Frames.Encode(chunks, encoder);
        await second.AddAsync(frame, lengths, default);
        await second.FinishAsync(default);

        Assert.Equal(1, second.NewChunks);
        var locations = new ChunkLocation[1];
        await _catalogue.Chunks.FindAsync(new[] { chunks[1].Hash }, locations);
        var stored = new byte[locations[0].Frame.StoredBytes];
        await _objects.ReadAsync(ObjectName.Pack(locations[0].Frame.Pack), locations[0].Frame.Offset, stored);
        Assert.Equal(frame, stored);
    }

    [Fact]
    public async Task Recipes_come_in_any_pieces_and_are_stored_when_the_stream_ends()
    {
        var recipes = Enumerable.Range(0, 5)
            .Select(i => Recipe.Of([new(Digest.Of([1]), 20_000 + i), new(Digest.Of([2]), 30_000)])).ToList();
        var intake = new RecipeIntake(_objects, _catalogue, Leases.Of("app"));

        foreach (var bytes in recipes.Select(recipe => recipe.ToBytes()))
        {
            for (var at = 0; at < bytes.Length; at += 25)
                await intake.AddAsync(
                    bytes.AsMemory(at, Math.Min(25, bytes.Length - at)), at + 25 >= bytes.Length, default);
        }

        await intake.FinishAsync(default);
        Assert.Equal(5, intake.Recipes);
        Assert.Equal(5 * 72, intake.StoredBytes);
        var lengths = await _catalogue.Chunks.FindRecipeBytesAsync([.. recipes.Select(recipe => recipe.Digest)]);
        Assert.All(lengths, length => Assert.Equal(72, length));
    }

    [Theory]
    [InlineData(36)]
    [InlineData(73)]
    [InlineData(0)]
    public async Task What_is_no_recipe_is_refused(int length)
    {
        var intake = new RecipeIntake(_objects, _catalogue, Leases.Of("app"));

        var failure = await Assert.ThrowsAsync<ManifestInvalidException>(async () =>
            await intake.AddAsync(new byte[length], ends: true, default));

        Assert.Equal(ErrorCodes.ManifestInvalid, failure.Code);
    }

    [Fact]
    public async Task A_recipe_that_never_ends_is_bounded()
    {
        var intake = new RecipeIntake(_objects, _catalogue, Leases.Of("app"));
        var piece = new byte[1024 * 1024];

        var failure = await Assert.ThrowsAsync<ChunkOtaException>(async () =>
        {
            for (var i = 0; i < 100; i++) await intake.AddAsync(piece, ends: false, default);
        });

        Assert.Equal(ErrorCodes.TooLarge, failure.Code);
        Assert.Equal(
            ErrorCodes.ManifestInvalid,
            (await Assert.ThrowsAsync<ManifestInvalidException>(() => intake.FinishAsync(default))).Code);
    }

    [Fact]
    public async Task What_one_domain_has_is_stored_again_in_another()
    {
        var isolated = Leases.Of("app") with { Domain = TestDomain.Of("app") };
        var chunks = RandomChunks(7, 3);
        var recipe = Recipe.Of([.. chunks.Select(chunk => chunk.Ref)]);
        foreach (var lease in new[] { Leases.Of("app"), isolated, isolated })
        {
            using var slots = new PackWriterPool(1, 1, TimeProvider.System);
            await using var intake = new FrameIntake(_objects, _catalogue, slots, lease, "ci");
            await AddAsync(intake, chunks);
            await intake.FinishAsync(default);
            var recipes = new RecipeIntake(_objects, _catalogue, lease);
            await recipes.AddAsync(recipe.ToBytes(), ends: true, default);
            await recipes.FinishAsync(default);
        }

        var packs = await _objects.Inner.ListAsync(ObjectKind.Pack).ToListAsync();
        Assert.Equal(2, packs.Count);
        Assert.Equal(
            new[] { ObjectName.Recipe(recipe.Digest), ObjectName.Recipe(isolated.Domain, recipe.Digest) }.ToHashSet(),
            (await _objects.Inner.ListAsync(ObjectKind.Recipe).ToListAsync()).ToHashSet());
    }

    private static async Task AddAsync(FrameIntake intake, IReadOnlyList<VerifiedChunk> chunks)
    {
        using var encoder = new ZstdEncoder(1);
        foreach (var group in Frames.Group(chunks))
        {
            var (frame, lengths) = Frames.Encode(group, encoder);
            await intake.AddAsync(frame, lengths, default);
        }
    }

    private async Task<int> CountMissingAsync(IReadOnlyList<VerifiedChunk> chunks) =>
        await _catalogue.Chunks.FindMissingAsync(
        chunks.Select(chunk => chunk.Hash).ToArray(), new byte[(chunks.Count + 7) / 8]);

    /// <summary>Chunks of 200,000 bytes that do not compress.</summary>
    private static IReadOnlyList<VerifiedChunk> RandomChunks(int seed, int count) =>
        [.. Enumerable.Range(0, count).Select(i => VerifiedChunk.Of(Tree.Bytes((seed * 1000) + i, 200_000)))];
}
