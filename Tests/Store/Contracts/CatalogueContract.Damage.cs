using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Contracts;

public abstract partial class CatalogueContract
{
    [Fact]
    public async Task A_lost_pack_no_longer_counts_as_stored_until_it_is_added_again()
    {
        var pack = Pack([100, 200], [300]);
        await Catalogue.Chunks.AddPackAsync(pack, Guid.NewGuid());

        Assert.Equal(DamageChange.Found, await Catalogue.Damage.RecordAsync(Missing(ObjectName.Pack(pack.Digest))));
        Assert.Equal(DamageChange.Known, await Catalogue.Damage.RecordAsync(Missing(ObjectName.Pack(pack.Digest))));

        Assert.Equal(3, await MissingOf(100, 200, 300));
        Assert.Equal(1, await Catalogue.Damage.CountAsync());
        var lost = Assert.Single(await Catalogue.Damage.ListAsync(null, 10));
        Assert.Equal((ObjectFault.Missing, 0, 3), (lost.Fault, lost.Frames, lost.Chunks));
        await Catalogue.Chunks.AddPackAsync(pack, Guid.NewGuid());
        Assert.Equal(0, await MissingOf(100, 200, 300));
        Assert.False(await Catalogue.Damage.HasAnyAsync());
    }

    [Fact]
    public async Task A_chunk_of_a_damaged_frame_moves_to_the_pack_that_brings_it_again()
    {
        var pack = Pack([100, 200], [300]);
        await Catalogue.Chunks.AddPackAsync(pack, Guid.NewGuid());
        await Catalogue.Damage.RecordAsync(Damaged(pack, 0));
        Assert.Equal(2, await MissingOf(100, 200, 300));
        var other = Pack([100, 7]);

        Assert.Equal(new PackGain(2, 107), await Catalogue.Chunks.AddPackAsync(other, Guid.NewGuid()));

        Assert.Equal(1, await MissingOf(100, 200, 300));
        Assert.Equal(other.Digest, (await LocationOf(100)).Frame.Pack);
        Assert.Equal(pack.Digest, (await LocationOf(200)).Frame.Pack);
        Assert.Equal(1, Assert.Single(await Catalogue.Damage.ListAsync(null, 10)).Chunks);
        await Catalogue.Chunks.AddPackAsync(Pack([200]), Guid.NewGuid());
        Assert.False(await Catalogue.Damage.HasAnyAsync());
        var figures = await Catalogue.Releases.ReadStoreFiguresAsync();
        Assert.Equal((4, 607), (figures.Chunks, figures.PlainBytes));
    }

    [Fact]
    public async Task An_object_that_is_intact_again_loses_its_mark()
    {
        var pack = Pack([100], [300]);
        await Catalogue.Chunks.AddPackAsync(pack, Guid.NewGuid());
        await Catalogue.Damage.RecordAsync(Damaged(pack, 0, 1));
        Assert.Equal(2, Assert.Single(await Catalogue.Damage.ListAsync(null, 10)).Frames);

        Assert.Equal(
            DamageChange.Healed,
            await Catalogue.Damage.RecordAsync(ObjectFinding.Intact(ObjectName.Pack(pack.Digest))));

        Assert.Equal(0, await MissingOf(100, 300));
        Assert.False(await Catalogue.Damage.HasAnyAsync());
    }

    [Fact]
    public async Task A_lost_recipe_has_no_length_until_it_is_added_again()
    {
        await Catalogue.Chunks.AddRecipesAsync([new StoredRecipe(Hash("a"), 72)], Guid.NewGuid());

        await Catalogue.Damage.RecordAsync(Missing(ObjectName.Recipe(Hash("a"))));

        Assert.Equal((int[])[0], await Catalogue.Chunks.FindRecipeBytesAsync([Hash("a")]));
        await Catalogue.Chunks.AddRecipesAsync([new StoredRecipe(Hash("a"), 72)], Guid.NewGuid());
        Assert.Equal((int[])[72], await Catalogue.Chunks.FindRecipeBytesAsync([Hash("a")]));
        Assert.Equal(0, await Catalogue.Damage.CountAsync());
    }

    [Fact]
    public async Task What_no_row_names_is_not_marked()
    {
        Assert.Equal(DamageChange.None, await Catalogue.Damage.RecordAsync(Missing(ObjectName.Pack(Hash("p")))));
        Assert.Equal(DamageChange.None, await Catalogue.Damage.RecordAsync(Missing(ObjectName.Manifest(Hash("m")))));
        Assert.Equal(DamageChange.None, await Catalogue.Damage.RecordAsync(Missing(ObjectName.Recipe(Hash("r")))));
        Assert.False(await Catalogue.Damage.HasAnyAsync());
    }

    [Fact]
    public async Task A_commit_finds_that_a_chunk_is_lost()
    {
        var pack = Pack([100, 200]);
        await Catalogue.Chunks.AddPackAsync(pack, Guid.NewGuid());
        await Catalogue.Damage.RecordAsync(Damaged(pack, 0));

        Assert.Equal(ErrorCodes.ReleaseIncomplete, await CodeOf(() => Publish(Release("1.0.0", 1, 100), 1)));
        await Catalogue.Chunks.AddPackAsync(Pack([100]), Guid.NewGuid());
        await Publish(Release("1.0.0", 1, 100), 1);
    }

    [Fact]
    public async Task Objects_are_listed_in_pages_by_their_digests()
    {
        PackContents[] packs = [Pack([1]), Pack([2]), Pack([3])];
        foreach (var pack in packs) await Catalogue.Chunks.AddPackAsync(pack, Guid.NewGuid());
        await Catalogue.Damage.RecordAsync(Missing(ObjectName.Pack(packs[1].Digest)));

        var first = await Catalogue.Damage.ListObjectsAsync(ObjectKind.Pack, default, 2);
        var second = await Catalogue.Damage.ListObjectsAsync(ObjectKind.Pack, first[^1].Name.Digest, 2);

        Assert.Equal(
            packs.OrderBy(pack => pack.Digest).Select(pack => (pack.Digest, pack.StoredBytes, pack == packs[1])),
            first.Concat(second).Select(listed => (listed.Name.Digest, listed.Bytes, listed.IsMarked)));
        Assert.Empty(await Catalogue.Damage.ListObjectsAsync(ObjectKind.Delta, default, 2));
        Assert.Null(await Catalogue.Damage.FindObjectAsync(ObjectName.Recipe(Hash("x"))));
    }

    [Fact]
    public async Task A_pass_belongs_to_one_holder_until_its_lease_ends_and_goes_on_from_its_position()
    {
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());
        var scrubs = Catalogue.Scrubs;
        await scrubs.RequestAsync(ScrubDepth.Full);
        Assert.True((await scrubs.ReadAsync(ScrubDepth.Full)).IsDue(TimeSpan.Zero, Time.GetUtcNow(), Time.GetUtcNow()));
        var pass = (await scrubs.ClaimAsync(ScrubDepth.Full, one))!;
        Assert.Null(pass.Requested);
        Assert.Null(await scrubs.ClaimAsync(ScrubDepth.Full, other));
        Assert.NotNull(await scrubs.ClaimAsync(ScrubDepth.Quick, other));

        pass = pass with { Kind = ObjectKind.Recipe, After = Hash("r"), Objects = 7, Bytes = 70, Damaged = 1 };
        Assert.True(await scrubs.SaveAsync(pass, one));
        Time.Advance(IScrubPasses.Lease);
        var taken = (await scrubs.ClaimAsync(ScrubDepth.Full, other))!;

        Assert.Equal(pass, taken);
        Assert.False(await scrubs.SaveAsync(pass, one));
        Assert.False(await scrubs.FinishAsync(pass, one, ""));
        Assert.True(await scrubs.FinishAsync(taken, other, "row missing"));
        var after = await scrubs.ReadAsync(ScrubDepth.Full);
        Assert.Null(after.Started);
        Assert.Equal(new FinishedPass(Time.GetUtcNow(), 7, 70, 1, "row missing"), after.Finished);
        Assert.Equal(0, (await scrubs.ClaimAsync(ScrubDepth.Full, one))!.Objects);
    }

    private static ObjectFinding Missing(ObjectName name) => new(name, ObjectFault.Missing, "it is gone", [], 0);

    private static ObjectFinding Damaged(PackContents pack, params int[] frames) => new(
        ObjectName.Pack(pack.Digest), ObjectFault.Damaged, "rot", [.. frames.Select(frame => pack.Frames[frame])], 0);

    private ValueTask<int> MissingOf(params int[] chunks) => Catalogue.Chunks.FindMissingAsync(
        chunks.Select(length => Chunk(length).Hash).ToArray(), new byte[(chunks.Length + 7) / 8]);

    private async Task<ChunkLocation> LocationOf(int chunk)
    {
        var found = new ChunkLocation[1];
        await Catalogue.Chunks.FindAsync(new[] { Chunk(chunk).Hash }, found);
        return found[0];
    }
}
