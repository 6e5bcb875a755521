using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using DeltaQuality = ChunkOta.Protos.V1.DeltaQuality;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>Releases that are pinned: AddAnchor and RemoveAnchor, and the deltas that are made from them.</summary>
public sealed class AnchorsTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task An_anchor_is_marked_and_listed_until_it_is_removed()
    {
        var publisher = await fixture.CreateProductAsync();
        var manifest = (await publisher.PublishAsync("1.0.0", Trees.Revision(1))).ManifestDigest;
        await publisher.PublishAsync("1.1.0", Trees.Revision(2));

        Assert.False(
            (await publisher.Administration.AddAnchorAsync(
                new AddAnchorRequest { ManifestDigest = manifest })).AlreadyThere);
        Assert.True(
            (await publisher.Administration.AddAnchorAsync(
                new AddAnchorRequest { ManifestDigest = manifest })).AlreadyThere);

        var anchor = Assert.Single(await ListAnchorsAsync(publisher));
        Assert.Equal("1.0.0", anchor.Version);
        Assert.NotEqual(0, anchor.AnchoredUnixSeconds);
        Assert.Equal(
            [("1.1.0", false), ("1.0.0", true)],
            (await publisher.Releases.ListReleasesAsync(
                new ListReleasesRequest { Product = publisher.Product })).Releases
                .Select(release => (release.Version, release.AnchoredUnixSeconds != 0)));
        Assert.True((await RemoveAsync(publisher, manifest)).WasThere);
        Assert.False((await RemoveAsync(publisher, manifest)).WasThere);
        Assert.Empty(await ListAnchorsAsync(publisher));
    }

    [Fact]
    public async Task A_device_that_looks_for_a_release_to_go_back_to_is_told_the_anchors_of_its_platform()
    {
        using var publisher = await fixture.CreateProductAsync();
        using var device = await fixture.EnrolAsync(publisher);
        foreach (var version in new[] { "1.0.0", "1.1.0" })
        {
            var released = await publisher.PublishAsync(version, Trees.Revision(1));
            await publisher.Administration.AddAnchorAsync(
                new AddAnchorRequest { ManifestDigest = released.ManifestDigest });
        }
        await publisher.PublishAsync("1.2.0", Trees.Revision(2));
        var request = new CheckForUpdateRequest { Product = publisher.Product, Platform = TestPublisher.Platform };

        Assert.Empty((await device.CheckAsync(request)).Header.AnchorVersions);
        Assert.Equal(
            ["1.1.0", "1.0.0"],
            (await device.CheckAsync(new(request) { ListsAnchors = true })).Header.AnchorVersions);
    }

    [Fact]
    public async Task Who_may_publish_the_product_may_pin_its_releases_and_nobody_else()
    {
        var publisher = await fixture.CreateProductAsync();
        var other = await fixture.CreateProductAsync();
        var request = new AddAnchorRequest
        {
            ManifestDigest = (
            await publisher.PublishAsync("1.0.0", Trees.Revision(1))).ManifestDigest
        };

        await (await ConnectAsync(publisher, TokenRole.Publisher, publisher.Product)).AddAnchorAsync(request);
        await RemoveAsync(publisher, request.ManifestDigest);

        Assert.Equal(
            ErrorCodes.NotAllowed,
            await CodeOf(async () => await (
                await ConnectAsync(publisher, TokenRole.Reader, publisher.Product)).AddAnchorAsync(request)));
        Assert.Equal(
            ErrorCodes.ReleaseUnknown,
            await CodeOf(async () => await (
                await ConnectAsync(publisher, TokenRole.Publisher, other.Product)).AddAnchorAsync(request)));
        Assert.Equal(
            ErrorCodes.ReleaseUnknown,
            await CodeOf(async () => await publisher.Administration.AddAnchorAsync(
                new AddAnchorRequest { ManifestDigest = Digest.Of("nothing"u8).ToByteString() })));
        Assert.Equal(
            ErrorCodes.ReleaseUnknown,
            await CodeOf(async () => await publisher.Administration.RemoveAnchorAsync(new RemoveAnchorRequest())));
        Assert.Empty(await ListAnchorsAsync(publisher));
    }

    [Fact]
    public async Task Best_deltas_are_made_from_a_new_anchor_to_what_is_current_and_from_it_after_each_publish()
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync("Deltas:Previous=0");
        var anchor = (await publisher.PublishAsync("1.0.0", Trees.Revision(1))).ManifestDigest;
        await publisher.PublishAsync("1.1.0", Trees.Revision(2));
        await publisher.PublishAsync("1.2.0", Trees.Revision(3));
        Assert.Empty((await Trees.WaitUntilIdleAsync(publisher)).Built);

        await publisher.Administration.AddAnchorAsync(new AddAnchorRequest { ManifestDigest = anchor });
        var added = (await Trees.WaitUntilIdleAsync(publisher)).Built;
        await publisher.PublishAsync("1.3.0", Trees.Revision(4));
        var published = (await Trees.WaitUntilIdleAsync(publisher)).Built;

        Assert.Equal([("1.0.0", "1.2.0", DeltaQuality.Best)], added.Select(Name));
        Assert.Equal(
            [("1.0.0", "1.3.0", DeltaQuality.Best), ("1.0.0", "1.2.0", DeltaQuality.Best)], published.Select(Name));
        await RemoveAsync(publisher, anchor);
        await publisher.PublishAsync("1.4.0", Trees.Revision(5));
        Assert.Equal(2, (await Trees.WaitUntilIdleAsync(publisher)).Built.Count);
    }

    [Fact]
    public async Task From_an_anchor_that_is_newer_than_what_is_current_no_delta_is_made()
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync("Deltas:Previous=0");
        await publisher.PublishAsync("1.0.0", Trees.Revision(1));
        var anchor = (await publisher.PublishAsync("1.1.0", Trees.Revision(2), "beta")).ManifestDigest;

        await publisher.Administration.AddAnchorAsync(new AddAnchorRequest { ManifestDigest = anchor });

        Assert.Empty((await Trees.WaitUntilIdleAsync(publisher)).Built);
    }

    private static (string, string, DeltaQuality) Name(BuiltDelta delta) =>
        (delta.FromVersion, delta.ToVersion, delta.Quality);

    private static async Task<RemoveAnchorResponse> RemoveAsync(
        TestPublisher publisher, Google.Protobuf.ByteString manifest) =>
        await publisher.Administration.RemoveAnchorAsync(new RemoveAnchorRequest { ManifestDigest = manifest });

    private static async Task<IReadOnlyList<Release>> ListAnchorsAsync(TestPublisher publisher) =>
        (await publisher.Releases.ListReleasesAsync(
            new ListReleasesRequest { Product = publisher.Product, OnlyAnchors = true })).Releases;

    private async Task<Administration.AdministrationClient> ConnectAsync(
        TestPublisher admin, TokenRole role, string product)
    {
        var token = await admin.Administration.CreateTokenAsync(
            new CreateTokenRequest { Role = role, Product = product });
        return new Administration.AdministrationClient(fixture.Server.Connect(token.Token).Invoker);
    }

    private static async Task<string> CodeOf(Func<Task> call) =>
        (await Assert.ThrowsAnyAsync<ChunkOtaException>(call)).Code;
}
