using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

public sealed class CommitRulesTests : RulesFixture
{
    private static readonly ChunkRef A = new(Hash("a"), 100);
    private static readonly ChunkRef B = new(Hash("b"), 200);
    private static readonly ChunkRef C = new(Hash("c"), 300);

    public CommitRulesTests()
    {
        // One frame of 151 stored bytes: 50 for a, 101 for b.
        State.AddChunk(A, 0, 151, 300);
        State.AddChunk(B, 100, 151, 300);
        State.AddChunk(C, 0, 100, 300);
    }

    [Fact]
    public void A_release_is_added_with_its_figures_and_its_pointer()
    {
        var release = Release("1.0.0", 1, A, B);

        var outcome = Publish(release, seq: 1);

        Assert.False(outcome.IsAlreadyPublished);
        Assert.Equal(
            new ReleaseFigures
            {
                LogicalBytes = 300,
                Files = 2,
                Chunks = 2,
                DistinctChunks = 2,
                DistinctPlainBytes = 300,
                NewChunks = 2,
                NewPlainBytes = 300,
                NewStoredBytes = 151,
            },
            outcome.Figures);
        Assert.Equal(outcome.Figures, State.FindFigures(release.Manifest));
        Assert.Equal(release.Manifest, Assert.Single(State.Pointers).Current);
        Assert.Equal((300, 151), State.Growth);
    }

    [Fact]
    public void A_chunk_is_new_to_the_first_release_that_has_it()
    {
        Publish(Release("1.0.0", 1, A), seq: 1);

        var second = Publish(Release("1.1.0", 2, A, C), seq: 2).Figures;

        Assert.Equal(
            (2, 1, 300, 100), (second.DistinctChunks, second.NewChunks, second.NewPlainBytes, second.NewStoredBytes));
        Assert.Equal((400, 150), State.Growth);
    }

    [Fact]
    public void A_commit_takes_back_the_chunks_and_recipes_that_a_collection_has_condemned()
    {
        var recipe = Hash("recipe");
        State.Recipes.Add(recipe);
        State.Condemned.UnionWith([recipe, Hash("other recipe")]);
        State.CondemnedChunks.UnionWith(State.FindChunks([A, B, C]).Select(chunk => chunk!.Value.Row));
        var release = Release("1.0.0", 1, A, B) with { Files = [new KnownFile(Hash("file"), 300, recipe)] };

        Publish(release, seq: 1);

        Assert.Single(State.Settled);
        Assert.Equal([Hash("other recipe")], State.Condemned);
        Assert.Equal([State.FindChunks([C])[0]!.Value.Row], State.CondemnedChunks);
    }

    [Fact]
    public void The_shares_of_a_frame_add_up_to_its_stored_bytes()
    {
        var chunks = Enumerable.Range(0, 7).Select(i => new IndexedChunk(i, 13, i * 13, 45, 91, false));

        Assert.Equal(45, chunks.Sum(chunk => chunk.StoredShare));
    }

    [Fact]
    public void A_commit_may_be_repeated()
    {
        var release = Release("1.0.0", 1, A);
        var lease = Begin("1.0.0");
        var first = Commit(lease, release, Pointer(release, 1));

        var again = Commit(lease, release, Pointer(release, 1));

        Assert.True(again.IsAlreadyPublished);
        Assert.Equal(first.Figures, again.Figures);
        Assert.Single(State.Pointers);
    }

    [Fact]
    public void A_publish_that_is_unknown_ended_or_of_something_else_commits_nothing()
    {
        var release = Release("1.0.0", 1, A);
        var ended = Begin("1.0.0");
        State.Leases.Clear();
        State.Leases.Add(ended with { Expires = Now });

        Assert.Equal("PUBLISH_UNKNOWN", CodeOf(() => Commit(ended, release, Pointer(release, 1))));
        Assert.Equal("PUBLISH_UNKNOWN", CodeOf(() => Commit(Lease("1.0.0"), release, Pointer(release, 1))));
        Assert.Equal("PUBLISH_UNKNOWN", CodeOf(() => Commit(Begin("1.0.1"), release, Pointer(release, 1))));
        Assert.Equal("PUBLISH_UNKNOWN", CodeOf(() => Commit(Begin("1.0.0", "beta"), release, Pointer(release, 1))));
        Assert.Empty(State.Releases);
    }

    [Fact]
    public void A_version_and_a_counter_belong_to_one_manifest()
    {
        Publish(Release("1.0.0", 5, A), seq: 1);

        Assert.Equal("VERSION_TAKEN", CodeOf(() => Publish(Release("1.0.0", 6, A), seq: 2)));
        Assert.Equal("COUNTER_TAKEN", CodeOf(() => Publish(Release("1.1.0", 5, A), seq: 2)));
        Assert.Equal("COUNTER_TAKEN", CodeOf(() => Publish(Release("1.1.0", 4, A), seq: 2)));
        Assert.Equal("MANIFEST_INVALID", CodeOf(() => Publish(Release("1.1.0", ulong.MaxValue, A), seq: 2)));
        Assert.Single(State.Pointers);
    }

    [Fact]
    public void A_version_must_exceed_those_of_its_channel_unless_older_ones_are_allowed()
    {
        Publish(Release("2.0.0", 1, A), seq: 1);
        var older = Release("1.9.0", 2, A);

        Assert.Equal("VERSION_NOT_GREATER", CodeOf(() => Publish(older, seq: 2)));
        Publish(older, seq: 1, "beta");
        Commit(Begin("1.9.0", more: Allowances.Older), older, Pointer(older, 2));

        Assert.Equal(3, State.Pointers.Count);
    }

    [Fact]
    public void A_release_of_which_a_chunk_or_recipe_is_missing_is_incomplete()
    {
        var missing = Release("1.0.0", 1, new ChunkRef(Hash("none"), 100));
        var longer = Release("1.0.0", 2, A with { Length = 101 });
        var noRecipe = Release("1.0.0", 3, A) with { Files = [new KnownFile(Hash("file"), 100, Hash("recipe"))] };

        Assert.Equal("RELEASE_INCOMPLETE", CodeOf(() => Publish(missing, seq: 1)));
        State.Releases.Clear();
        Assert.Equal("RELEASE_INCOMPLETE", CodeOf(() => Publish(longer, seq: 1)));
        State.Releases.Clear();
        Assert.Equal("RELEASE_INCOMPLETE", CodeOf(() => Publish(noRecipe, seq: 1)));
        State.Releases.Clear();
        State.Recipes.Add(Hash("recipe"));
        Assert.False(Publish(noRecipe, seq: 1).IsAlreadyPublished);
    }

    [Fact]
    public void Of_a_visible_release_only_the_pointer_moves()
    {
        var release = Release("1.0.0", 1, A);
        var figures = Publish(release, seq: 1).Figures;
        var visible = Record(release, figures);

        var outcome = CommitRules.Commit(
            State, Begin("1.0.0", "beta").Id, visible, Pointer(release, 1, "beta"), Now);

        Assert.Equal(new CommitOutcome(true, figures), outcome);
        Assert.Equal(["stable", "beta"], State.Pointers.Select(pointer => pointer.Channel));
        Assert.Equal("RELEASE_UNKNOWN", CodeOf(() => CommitRules.Commit(
            State, Begin("1.0.0").Id, visible with { Manifest = Hash("none") }, Pointer(release, 2), Now)));
    }

    private static ReleaseRecord Record(NewRelease release, ReleaseFigures figures) => new()
    {
        Product = release.Product,
        Platform = release.Platform,
        Version = release.Version,
        Counter = release.Counter,
        Manifest = release.Manifest,
        ManifestPayloadBytes = release.ManifestPayloadBytes,
        ManifestEnvelopeBytes = release.ManifestEnvelopeBytes,
        Published = release.Published,
        Figures = figures,
        Channels = [],
    };
}
