using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Contracts;

public abstract partial class CatalogueContract
{
    [Fact]
    public async Task A_chunk_is_missing_until_its_pack_is_added()
    {
        Digest[] hashes = [.. Enumerable.Range(1, 20).Select(i => Chunk(i).Hash)];
        var missing = new byte[] { 0xff, 0xff, 0xff };

        Assert.Equal(20, await Catalogue.Chunks.FindMissingAsync(hashes, missing));
        Assert.Equal([0xff, 0xff, 0x0f], missing);

        await Catalogue.Chunks.AddPackAsync(Pack([1, 2, 10], [20]), Guid.NewGuid());
        Assert.Equal(16, await Catalogue.Chunks.FindMissingAsync(hashes, missing));
        Assert.Equal([0b1111_1100, 0b1111_1101, 0b0000_0111], missing);
    }

    [Fact]
    public async Task A_chunk_is_found_in_its_frame_at_its_offset()
    {
        var pack = Pack([100, 200], [300]);
        await Catalogue.Chunks.AddPackAsync(pack, Guid.NewGuid());
        var found = new ChunkLocation[4];

        await Catalogue.Chunks.FindAsync(
            new[] { Chunk(300).Hash, Chunk(4).Hash, Chunk(200).Hash, Chunk(300).Hash }, found);

        var second = new ChunkLocation(new FrameLocation(pack.Digest, 158, 150, 300), 0, 300);
        Assert.Equal(
            [second, default, new ChunkLocation(new FrameLocation(pack.Digest, 8, 150, 300), 100, 200), second], found);
        Assert.False(found[1].IsKnown);
    }

    [Fact]
    public async Task A_chunk_that_is_known_stays_where_it_is_and_is_counted_once()
    {
        var first = Pack([100, 200]);

        Assert.Equal(new PackGain(2, 300), await Catalogue.Chunks.AddPackAsync(first, Guid.NewGuid()));
        Assert.Equal(default, await Catalogue.Chunks.AddPackAsync(first, Guid.NewGuid()));
        Assert.Equal(new PackGain(1, 50), await Catalogue.Chunks.AddPackAsync(Pack([200, 50, 50]), Guid.NewGuid()));

        var found = new ChunkLocation[1];
        await Catalogue.Chunks.FindAsync(new[] { Chunk(200).Hash }, found);
        Assert.Equal(first.Digest, found[0].Frame.Pack);
        var figures = await Catalogue.Releases.ReadStoreFiguresAsync();
        Assert.Equal((2, 3, 350), (figures.Packs, figures.Chunks, figures.PlainBytes));
    }

    [Fact]
    public async Task Recipes_are_known_by_their_length_once_they_are_added()
    {
        StoredRecipe[] recipes = [new(Hash("a"), 72), new(Hash("b"), 108)];
        await Catalogue.Chunks.AddRecipesAsync(recipes, Guid.NewGuid());
        await Catalogue.Chunks.AddRecipesAsync(recipes, Guid.NewGuid());
        await Catalogue.Chunks.AddRecipesAsync([], Guid.NewGuid());

        Assert.Equal(
            (int[])[108, 0, 72], await Catalogue.Chunks.FindRecipeBytesAsync([Hash("b"), Hash("c"), Hash("a")]));
        Assert.Equal(2, (await Catalogue.Releases.ReadStoreFiguresAsync()).Recipes);
    }

    [Fact]
    public async Task What_was_added_is_there_after_the_catalogue_is_opened_again()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());

        await ReopenAsync();

        Assert.Equal(1, await Catalogue.Chunks.FindMissingAsync(new[] { Chunk(100).Hash, Chunk(1).Hash }, new byte[1]));
    }

    [Fact]
    public async Task Readers_and_writers_work_at_once_and_see_whole_packs()
    {
        await Parallel.ForAsync(0, 40, async (i, cancellationToken) =>
        {
            var lengths = Enumerable.Range(1 + (i * 100), 100).ToArray();
            Digest[] hashes = [.. lengths.Select(length => Chunk(length).Hash)];
            var adding = Catalogue.Chunks.AddPackAsync(Pack(lengths), Guid.NewGuid(), cancellationToken);
            var missing = await Catalogue.Chunks.FindMissingAsync(hashes, new byte[13], cancellationToken);
            Assert.True(missing is 0 or 100);
            await adding;
            Assert.Equal(0, await Catalogue.Chunks.FindMissingAsync(hashes, new byte[13], cancellationToken));
        });

        Assert.Equal(4000, (await Catalogue.Releases.ReadStoreFiguresAsync()).Chunks);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_changes_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Catalogue.Chunks.AddPackAsync(Pack([1]), Guid.NewGuid(), cancelled.Token));
        Assert.Equal(0, (await Catalogue.Releases.ReadStoreFiguresAsync()).Packs);
    }
}
