using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Contracts;

public abstract partial class CatalogueContract
{
    [Fact]
    public async Task A_committed_release_is_found_with_what_it_weighs()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200], [300]), Guid.NewGuid());
        var release = Release("1.0.0", 1, 100, 200, 200, 300);

        var outcome = await Publish(release, seq: 1);

        var figures = Figures(800, files: 4, chunks: 4, (3, 600), (3, 600, 300));
        Assert.Equal(new CommitOutcome(false, figures), outcome);
        await ReopenAsync();
        var found = await Catalogue.Releases.FindReleaseAsync(release.Manifest);
        Assert.NotNull(found);
        Assert.Equal(["stable"], found.Channels);
        Assert.Equal(
            new ReleaseRecord
            {
                Product = "app",
                Platform = "any",
                Version = "1.0.0",
                Counter = 1,
                Manifest = release.Manifest,
                ManifestPayloadBytes = 1000,
                ManifestEnvelopeBytes = 1100,
                Published = release.Published,
                Figures = figures,
                Channels = found.Channels,
            },
            found);
        Assert.Equivalent(found, await Catalogue.Releases.FindReleaseAsync("app", "any", "1.0.0"));
        Assert.Equivalent(found, await Catalogue.Releases.FindNewestAsync("app", "any"));
        Assert.Null(await Catalogue.Releases.FindReleaseAsync("app", "any", "1.0.1"));
        Assert.Null(await Catalogue.Releases.FindNewestAsync("app", "linux-x64"));
        Assert.Null(await Catalogue.Releases.FindReleaseAsync(Hash("other")));
    }

    [Fact]
    public async Task A_release_is_an_anchor_from_when_it_is_pinned_until_it_is_not()
    {
        var releases = await PublishThreeAsync();
        var pinned = Time.GetUtcNow();

        Assert.True(await Catalogue.Releases.AddAnchorAsync(releases.One));
        Time.Advance(TimeSpan.FromMinutes(5));
        Assert.False(await Catalogue.Releases.AddAnchorAsync(releases.One));
        Assert.True(await Catalogue.Releases.AddAnchorAsync(releases.Three));
        await ReopenAsync();

        Assert.Equal(pinned, (await Catalogue.Releases.FindReleaseAsync(releases.One))?.Anchored);
        Assert.Null((await Catalogue.Releases.FindReleaseAsync(releases.Two))?.Anchored);
        Assert.Equal(["1.2.0", "1.0.0"], await ListAnchorsAsync());
        Assert.True(await Catalogue.Releases.RemoveAnchorAsync(releases.One));
        Assert.False(await Catalogue.Releases.RemoveAnchorAsync(releases.One));
        Assert.Equal(["1.2.0"], await ListAnchorsAsync());
        Assert.Null((await Catalogue.Releases.FindReleaseAsync(releases.One))?.Anchored);
    }

    [Fact]
    public async Task Only_a_release_that_is_there_can_be_an_anchor()
    {
        Assert.Equal("RELEASE_UNKNOWN", await CodeOf(() => Catalogue.Releases.AddAnchorAsync(Hash("nothing"))));
        Assert.Equal("RELEASE_UNKNOWN", await CodeOf(() => Catalogue.Releases.RemoveAnchorAsync(Hash("nothing"))));
    }

    [Fact]
    public async Task Anchors_are_listed_by_pages_and_by_platform_as_releases_are()
    {
        var releases = await PublishThreeAsync();
        await Catalogue.Releases.AddAnchorAsync(releases.One);
        await Catalogue.Releases.AddAnchorAsync(releases.Three);
        var query = new ReleaseQuery { Product = "app", Platform = "any", OnlyAnchors = true, PageSize = 1 };

        var first = await Catalogue.Releases.ListReleasesAsync(query);
        var second = await Catalogue.Releases.ListReleasesAsync(query with { PageToken = first.NextPageToken });

        Assert.Equal(["1.2.0", "1.0.0"], first.Releases.Concat(second.Releases).Select(release => release.Version));
        Assert.Null(second.NextPageToken);
        Assert.Empty((await Catalogue.Releases.ListReleasesAsync(query with { Platform = "linux-x64" })).Releases);
    }

    private async Task<IEnumerable<string>> ListAnchorsAsync() =>
        (await Catalogue.Releases.ListReleasesAsync(new ReleaseQuery { OnlyAnchors = true })).Releases
        .Select(release => release.Version);

    [Fact]
    public async Task A_release_adds_only_the_chunks_that_no_release_had_before()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200], [300]), Guid.NewGuid());
        await Catalogue.Identities.CreateProductAsync(Product("other"));
        await Publish(Release("1.0.0", 1, 100, 200), seq: 1);

        var second = await Publish(Release("1.1.0", 2, 200, 300), seq: 2);

        Assert.Equal(Figures(500, files: 2, chunks: 2, (2, 500), (1, 300, 150)), second.Figures);
        Assert.Equal(
            [new ProductFigures("app", 2, 800, 600, 300), new ProductFigures("other", 0, 0, 0, 0)],
            await Catalogue.Releases.ReadProductFiguresAsync(null));
        Assert.Equal(
            [new ProductFigures("app", 2, 800, 600, 300)], await Catalogue.Releases.ReadProductFiguresAsync("app"));
    }

    [Fact]
    public async Task Shares_of_a_frame_add_up_to_its_stored_bytes()
    {
        int[] lengths = [1, 3, 7, 11, 13, 17, 19];
        var pack = Pack(lengths);
        await Catalogue.Chunks.AddPackAsync(pack, Guid.NewGuid());

        var outcome = await Publish(Release("1.0.0", 1, lengths), seq: 1);

        Assert.Equal(pack.Frames[0].StoredBytes, outcome.Figures.NewStoredBytes);
    }

    [Fact]
    public async Task The_same_commit_again_is_fine_and_changes_nothing()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100]), Guid.NewGuid());
        var release = Release("1.0.0", 1, 100);
        var lease = await Begin();
        var first = await Catalogue.Releases.CommitAsync(lease.Id, release, Pointer(release, 1));

        var again = await Catalogue.Releases.CommitAsync(lease.Id, release, Pointer(release, 1));

        Assert.Equal(first with { IsAlreadyPublished = true }, again);
        Assert.Single((await Catalogue.Releases.ListReleasesAsync(new ReleaseQuery())).Releases);
        Assert.Equal(1, (await Catalogue.Releases.ReadProductFiguresAsync("app"))[0].Releases);
    }

    [Fact]
    public async Task The_same_release_again_only_moves_the_pointer()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100]), Guid.NewGuid());
        var release = Release("1.0.0", 1, 100);
        await Publish(release, 1);
        await Publish(release, 1, "beta");

        Assert.True((await Publish(release, 2)).IsAlreadyPublished);

        Assert.Equal(2UL, (await Catalogue.Releases.FindChannelAsync("app", "any", "stable"))!.Seq);
        Assert.Equal(["beta", "stable"], (await Catalogue.Releases.FindReleaseAsync(release.Manifest))!.Channels);
    }

    [Fact]
    public async Task A_visible_release_is_committed_again_without_its_contents()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        var release = Release("1.0.0", 1, 100);
        var first = await Publish(release, 1);
        var visible = (await Catalogue.Releases.FindReleaseAsync(release.Manifest))!;
        var beta = await Begin(channel: "beta");

        var again = await Catalogue.Releases.CommitAsync(beta.Id, visible, Pointer(release, 1, "beta"));

        Assert.Equal(first with { IsAlreadyPublished = true }, again);
        Assert.Equal(["beta", "stable"], (await Catalogue.Releases.FindReleaseAsync(release.Manifest))!.Channels);
    }

    [Fact]
    public async Task A_visible_release_is_committed_again_by_the_same_rules()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([1, 2]), Guid.NewGuid());
        var (older, newer) = (Release("1.0.0", 1, 1), Release("1.1.0", 2, 2));
        await Publish(older, 1);
        await Publish(newer, 2);
        var visible = (await Catalogue.Releases.FindReleaseAsync(older.Manifest))!;
        var (lease, other) = (await Begin(), await Begin("1.1.0"));

        async Task<string> CommitAsync(PublishLease publish, ReleaseRecord release, ulong seq) => await CodeOf(
            () => Catalogue.Releases.CommitAsync(publish.Id, release, Pointer(older, seq)));

        Assert.Equal("PUBLISH_UNKNOWN", await CommitAsync(other, visible, 3));
        Assert.Equal("VERSION_NOT_GREATER", await CommitAsync(lease, visible, 3));
        Assert.Equal("RELEASE_UNKNOWN", await CommitAsync(lease, visible with { Manifest = Hash("gone") }, 3));
        Assert.Equal("SEQ_TAKEN", await CommitAsync(await Begin(allowsOlder: true), visible, 2));
        Assert.Equal(2UL, (await Catalogue.Releases.FindChannelAsync("app", "any", "stable"))!.Seq);
    }

    [Theory]
    [InlineData("1.0.0", 2, 2, "VERSION_TAKEN")]
    [InlineData("1.0.1", 1, 2, "COUNTER_TAKEN")]
    [InlineData("1.0.1", 0, 2, "COUNTER_TAKEN")]
    [InlineData("1.0.1", 2, 1, "SEQ_TAKEN")]
    [InlineData("1.0.1", 2, 0, "SEQ_TAKEN")]
    [InlineData("0.9.9", 2, 2, "VERSION_NOT_GREATER")]
    [InlineData("1.0.0-rc.1", 2, 2, "VERSION_NOT_GREATER")]
    public async Task A_refused_commit_changes_nothing(string version, ulong counter, ulong seq, string code)
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        var first = Release("1.0.0", 1, 100);
        await Publish(first, 1);

        Assert.Equal(code, await CodeOf(() => Publish(Release(version, counter, 100, 200), seq)));

        Assert.Equal([first.Manifest], (
            await Catalogue.Releases.ListReleasesAsync(new ReleaseQuery())).Releases.Select(r => r.Manifest));
        Assert.Equal(1UL, (await Catalogue.Releases.FindChannelAsync("app", "any", "stable"))!.Seq);
        Assert.Equal(100, (await Catalogue.Releases.ReadProductFiguresAsync("app"))[0].DistinctPlainBytes);
        Assert.Null((await Catalogue.Releases.FindFilesAsync("app", [Chunk(200).Hash]))[0]);
    }

    [Fact]
    public async Task Versions_are_compared_within_a_channel_and_older_ones_may_be_allowed()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([1, 2, 3]), Guid.NewGuid());
        await Publish(Release("2.0.0", 1, 1), 1, "beta");
        await Publish(Release("1.0.0", 2, 2), 1);
        var older = await Begin("0.5.0", allowsOlder: true);
        var release = Release("0.5.0", 3, 3);

        await Catalogue.Releases.CommitAsync(older.Id, release, Pointer(release, 2));

        Assert.Equal(
            ["0.5.0", "1.0.0"], (await Catalogue.Releases.ListChannelVersionsAsync("app", "any", "stable")).Order());
        Assert.Empty(await Catalogue.Releases.ListChannelVersionsAsync("none", "any", "stable"));
    }

    [Fact]
    public async Task A_release_whose_chunk_or_recipe_is_missing_is_incomplete()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100]), Guid.NewGuid());
        var release = Release("1.0.0", 1, 100);

        Assert.Equal("RELEASE_INCOMPLETE", await CodeOf(() => Publish(Release("1.0.0", 1, 100, 200), 1)));
        Assert.Equal(
            "RELEASE_INCOMPLETE",
            await CodeOf(
                () => Publish(release with { Files = [new KnownFile(Hash("file"), 200, Hash("recipe"))] }, 1)));
        Assert.Equal(
            "RELEASE_INCOMPLETE", await CodeOf(() => Publish(release with { Chunks = [new(Chunk(100).Hash, 99)] }, 1)));
        Assert.Empty((await Catalogue.Releases.ListReleasesAsync(new ReleaseQuery())).Releases);
    }

    [Fact]
    public async Task A_commit_needs_the_publish_that_was_begun_for_it()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100]), Guid.NewGuid());
        var release = Release("1.0.0", 1, 100);
        var other = await Begin("1.0.1");
        var ended = await Begin();
        Time.Advance(TimeSpan.FromMinutes(31));

        foreach (var publish in new[] { Guid.NewGuid(), other.Id, ended.Id })
        {
            Assert.Equal(
                "PUBLISH_UNKNOWN",
                await CodeOf(() => Catalogue.Releases.CommitAsync(publish, release, Pointer(release, 1))));
        }
    }

    [Fact]
    public async Task Numbers_beyond_a_signed_one_are_refused()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100]), Guid.NewGuid());

        Assert.Equal("MANIFEST_INVALID", await CodeOf(() => Publish(Release("1.0.0", ulong.MaxValue, 100), 1)));
        Assert.Equal("POINTER_INVALID", await CodeOf(() => Publish(Release("1.0.0", 1, 100), ulong.MaxValue)));
        Assert.Equal("MANIFEST_INVALID", await CodeOf(() => Publish(Release("1.0.0", 1_000_001, 100), 1)));
        Assert.Equal("POINTER_INVALID", await CodeOf(() => Publish(Release("1.0.0", 1, 100), 1_000_001)));
        await Publish(Release("1.0.0", 1_000_000, 100), 1_000_000);
    }

    [Fact]
    public async Task Of_many_commits_with_one_counter_one_wins()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([1, 2, 3, 4, 5, 6, 7, 8]), Guid.NewGuid());
        var codes = await Task.WhenAll(Enumerable.Range(1, 8).Select(async i =>
        {
            try
            {
                await Publish(Release($"1.0.{i}", 1, i), 1, $"channel{i}");
                return "";
            }
            catch (ChunkOtaException e)
            {
                return e.Code;
            }
        }));

        Assert.Single(codes, "");
        Assert.Equal(7, codes.Count(code => code == "COUNTER_TAKEN"));
    }

    [Fact]
    public async Task Releases_are_listed_page_by_page_newest_counter_first()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([1]), Guid.NewGuid());
        await Catalogue.Identities.CreateProductAsync(Product("aaa"));
        for (var i = 1; i <= 7; i++) await Publish(Release($"1.0.{i}", (ulong)i, 1), (ulong)i);
        var other = Release("5.0.0", 9, 1) with { Product = "aaa", Platform = "linux-x64" };
        var lease = await Catalogue.Publishes.BeginAsync(new NewPublish
        {
            Product = "aaa",
            Platform = "linux-x64",
            Version = "5.0.0",
            Channel = "stable",
            Allowances = Allowances.Empty,
        });
        await Catalogue.Releases.CommitAsync(
            lease.Id, other, Pointer(other, 1) with { Product = "aaa", Platform = "linux-x64" });

        List<string> seen = [];
        ReleasePage page;
        string? token = null;
        do
        {
            page = await Catalogue.Releases.ListReleasesAsync(new ReleaseQuery { PageSize = 3, PageToken = token });
            Assert.InRange(page.Releases.Count, 1, 3);
            seen.AddRange(page.Releases.Select(release => release.Version));
            token = page.NextPageToken;
        }
        while (token is not null);

        Assert.Equal(["5.0.0", "1.0.7", "1.0.6", "1.0.5", "1.0.4", "1.0.3", "1.0.2", "1.0.1"], seen);
        Assert.Equal(
            7, (await Catalogue.Releases.ListReleasesAsync(new ReleaseQuery { Product = "app" })).Releases.Count);
        Assert.Single((await Catalogue.Releases.ListReleasesAsync(new ReleaseQuery { Version = "1.0.3" })).Releases);
        Assert.Single(
            (await Catalogue.Releases.ListReleasesAsync(new ReleaseQuery { Platform = "linux-x64" })).Releases);
        Assert.Equal(
            "USAGE",
            await CodeOf(async () => await Catalogue.Releases.ListReleasesAsync(new ReleaseQuery { PageToken = "x" })));
    }

    [Fact]
    public async Task A_pointer_moves_forward_and_only_to_releases_of_its_product_and_platform()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([1, 2]), Guid.NewGuid());
        var (one, two) = (Release("1.0.0", 1, 1), Release("1.1.0", 2, 2));
        await Publish(one, 1);
        await Publish(two, 1, "beta");
        var unknown = Release("3.0.0", 3, 1);

        await Catalogue.Releases.PutPointersAsync([Pointer(two, 2)]);
        await Catalogue.Releases.PutPointersAsync([Pointer(two, 2)]);

        Assert.Equal("SEQ_TAKEN", await CodeOf(() => Catalogue.Releases.PutPointersAsync([Pointer(one, 2)])));
        Assert.Equal("COUNTER_LOWER", await CodeOf(() => Catalogue.Releases.PutPointersAsync([Pointer(one, 3)])));
        Assert.Equal("RELEASE_UNKNOWN", await CodeOf(() => Catalogue.Releases.PutPointersAsync([Pointer(unknown, 3)])));
        Assert.Equal(
            "RELEASE_UNKNOWN",
            await CodeOf(
                () => Catalogue.Releases.PutPointersAsync([Pointer(two, 3) with { Candidate = unknown.Manifest }])));
        Assert.Equal(
            "RELEASE_UNKNOWN",
            await CodeOf(() => Catalogue.Releases.PutPointersAsync([Pointer(two, 3) with { Platform = "linux-x64" }])));
        Assert.Equal(
            "PRODUCT_UNKNOWN",
            await CodeOf(() => Catalogue.Releases.PutPointersAsync([Pointer(two, 3) with { Product = "none" }])));

        var channel = await Catalogue.Releases.FindChannelAsync("app", "any", "stable");
        Assert.Equal((2UL, two.Manifest), (channel!.Seq, channel.Current));
        Assert.Equal([7, 2], channel.Envelope.ToArray());
        Assert.Equal(["beta", "stable"], (await Catalogue.Releases.ListChannelsAsync("app")).Select(c => c.Name));
        Assert.Equal(2, (await Catalogue.Releases.ListChannelsAsync(null)).Count);
        Assert.Null(await Catalogue.Releases.FindChannelAsync("app", "any", "canary"));
    }

    [Fact]
    public async Task Files_of_a_release_are_known_to_its_product_alone()
    {
        await Catalogue.Chunks.AddPackAsync(Pack([100, 200]), Guid.NewGuid());
        await Catalogue.Chunks.AddRecipesAsync([new StoredRecipe(Hash("recipe"), 72)], Guid.NewGuid());
        await Catalogue.Identities.CreateProductAsync(Product("other"));
        KnownFile[] files = [new(Hash("file"), 300, Hash("recipe")), new(Chunk(100).Hash, 100, null)];
        await Publish(Release("1.0.0", 1, 100, 200) with { Files = files }, 1);

        Assert.Equal(
            [files[1], null, files[0]],
            await Catalogue.Releases.FindFilesAsync("app", [files[1].Digest, Hash("no file"), files[0].Digest]));
        Assert.Equal([null], await Catalogue.Releases.FindFilesAsync("other", [files[0].Digest]));
        Assert.Equal([null], await Catalogue.Releases.FindFilesAsync("none", [files[0].Digest]));
    }

    private static ReleaseFigures Figures(
        long logicalBytes,
        long files,
        long chunks,
        (long Chunks, long PlainBytes) distinct,
        (long Chunks, long PlainBytes, long StoredBytes) added) => new()
        {
            LogicalBytes = logicalBytes,
            Files = files,
            Chunks = chunks,
            DistinctChunks = distinct.Chunks,
            DistinctPlainBytes = distinct.PlainBytes,
            NewChunks = added.Chunks,
            NewPlainBytes = added.PlainBytes,
            NewStoredBytes = added.StoredBytes,
        };
}
