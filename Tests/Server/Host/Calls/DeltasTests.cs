using System.Net;
using System.Net.Http.Headers;
using ChunkOta.Chunking;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;
using Grpc.Core;
using DeltaQuality = ChunkOta.Protos.V1.DeltaQuality;

namespace ChunkOta.Tests.Server.Calls;

public sealed class DeltasTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task After_a_publish_the_best_delta_is_made_offered_and_makes_the_changed_files()
    {
        var publisher = await fixture.CreateProductAsync();
        using var device = await fixture.EnrolAsync(publisher);
        var (one, two) = (Trees.Revision(1), Trees.Revision(2));
        var held = await publisher.PublishAsync("1.0.0", one);
        var wanted = await publisher.PublishAsync("1.1.0", two);
        var built = await Trees.WaitForBestAsync(publisher);

        var header = await CheckAsync(device, publisher, held.ManifestDigest);

        var offer = Assert.Single(header.Deltas);
        Assert.Equal(DeltaQuality.Best, offer.Quality);
        Assert.Equal(("1.0.0", "1.1.0", offer.Bytes), (built.FromVersion, built.ToVersion, built.Bytes));
        Assert.InRange(header.ChunkBytes, 300_000UL, 1_500_000UL);
        Assert.InRange(offer.Bytes, 1UL, header.ChunkBytes / 20);
        var delta = await FetchAsync(device, wanted.ManifestDigest, offer.Digest);
        Assert.Equal(offer.Digest, Digest.Of(delta).ToByteString());
        Trees.AssertMakes(delta, held.ManifestDigest, one, wanted.ManifestDigest, two);
    }

    [Fact]
    public async Task A_device_from_a_release_that_none_was_planned_for_waits_for_a_quick_one()
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync("Deltas:Previous=0");
        var (one, two) = (Trees.Revision(1), Trees.Revision(2));
        var held = await publisher.PublishAsync("1.0.0", one);
        var wanted = await publisher.PublishAsync("1.1.0", two);
        Assert.Empty((await ListAsync(publisher)).Queued);
        using var device = await server.EnrolAsync(publisher);

        var header = await CheckAsync(device, publisher, held.ManifestDigest);

        var offer = Assert.Single(header.Deltas);
        Trees.AssertMakes(
            await FetchAsync(
                device, wanted.ManifestDigest, offer.Digest), held.ManifestDigest, one, wanted.ManifestDigest, two);
        Assert.Equal(DeltaQuality.Best, (await Trees.WaitForBestAsync(publisher)).Quality);
    }

    [Fact]
    public async Task A_server_that_makes_none_offers_none_and_tells_what_chunks_cost()
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync("Deltas:Workers=0");
        var held = await publisher.PublishAsync("1.0.0", Trees.Revision(1));
        await publisher.PublishAsync("1.1.0", Trees.Revision(2));
        using var device = await server.EnrolAsync(publisher);

        var header = await CheckAsync(device, publisher, held.ManifestDigest);

        Assert.Empty(header.Deltas);
        Assert.InRange(header.ChunkBytes, 300_000UL, 1_500_000UL);
        var list = await ListAsync(publisher);
        Assert.False(list.IsBuilding);
        Assert.Empty(list.Queued);
    }

    [Fact]
    public async Task A_delta_that_saves_nothing_is_not_stored()
    {
        var publisher = await fixture.CreateProductAsync();
        using var device = await fixture.EnrolAsync(publisher);
        var held = await publisher.PublishAsync("1.0.0", Tree.Of(("a", 901, 600_000)));
        await publisher.PublishAsync("1.1.0", Tree.Of(("a", 902, 600_000)));
        var built = await Trees.WaitForBestAsync(publisher);

        var header = await CheckAsync(device, publisher, held.ManifestDigest);

        Assert.True(built.Digest.IsEmpty);
        Assert.Empty(header.Deltas);
        Assert.InRange(header.ChunkBytes, 600_000UL, 610_000UL);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_delta_from_a_purged_release_stays_while_a_device_runs_it(bool isRun)
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync("Collection:GraceHours=0");
        var (one, two) = (Trees.Revision(1), Trees.Revision(2));
        var held = await publisher.PublishAsync("1.0.0", one);
        var wanted = await publisher.PublishAsync("1.1.0", two);
        await Trees.WaitForBestAsync(publisher);
        using var device = await server.EnrolAsync(publisher);
        if (isRun)
        {
            await device.Devices.ReportAsync(new ReportRequest
            {
                Product = publisher.Product,
                State = DeviceState.Succeeded,
                RunningManifestDigest = held.ManifestDigest,
                RunningVersion = "1.0.0",
            });
        }

        var deleted = await publisher.Administration.DeleteReleaseAsync(
            new DeleteReleaseRequest { ManifestDigest = held.ManifestDigest, Force = isRun });
        using var collection = publisher.Administration.Collect(new CollectRequest());
        var steps = await collection.ResponseStream.ReadAllAsync().ToListAsync();
        var header = await CheckAsync(device, publisher, held.ManifestDigest);

        Assert.Equal(isRun ? 1UL : 0UL, deleted.Devices);
        Assert.Equal(1UL, steps[^1].Work.Releases);
        if (!isRun)
        {
            Assert.Empty(header.Deltas);
            return;
        }

        Trees.AssertMakes(
            await FetchAsync(device, wanted.ManifestDigest, Assert.Single(header.Deltas).Digest), held.ManifestDigest,
            one, wanted.ManifestDigest, two);
    }

    [Fact]
    public async Task A_delta_is_resumed_from_any_byte_and_by_HTTP_ranges()
    {
        var (publisher, device, wanted, offer) = await PublishTwoAsync();
        using var _ = device;
        var whole = await FetchAsync(device, wanted, offer.Digest);

        Assert.Equal(whole[100..], await FetchAsync(device, wanted, offer.Digest, 100));
        Assert.Empty(await FetchAsync(device, wanted, offer.Digest, offer.Bytes));
        Assert.Equal("USAGE", await CodeOf(() => FetchAsync(device, wanted, offer.Digest, offer.Bytes + 1)));
        var answer = await GetAsync(wanted, offer.Digest, new RangeHeaderValue(10, 49));
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal(whole[10..50], await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal(
            publisher.Product, (await publisher.Releases.ListReleasesAsync(
                new ListReleasesRequest { Product = publisher.Product })).Releases[0].Product);
    }

    [Fact]
    public async Task A_delta_of_another_release_or_product_is_unknown()
    {
        var (publisher, device, wanted, offer) = await PublishTwoAsync();
        using var _ = device;
        var (_, stranger, theirs, _) = await PublishTwoAsync();
        using var __ = stranger;
        var first = await publisher.PublishAsync("0.5.0", Trees.Revision(9), "beta");

        Assert.Equal(
            "DELTA_UNKNOWN", await CodeOf(() => FetchAsync(device, wanted, Digest.Of("none"u8).ToByteString())));
        Assert.Equal("DELTA_UNKNOWN", await CodeOf(() => FetchAsync(device, first.ManifestDigest, offer.Digest)));
        Assert.Equal("RELEASE_UNKNOWN", await CodeOf(() => FetchAsync(stranger, wanted, offer.Digest)));
        Assert.Equal("DELTA_UNKNOWN", await CodeOf(() => FetchAsync(stranger, theirs, ByteString.CopyFrom(1, 2))));
        Assert.Equal(
            HttpStatusCode.NotFound, (await GetAsync(wanted, Digest.Of("none"u8).ToByteString(), null)).StatusCode);
    }

    [Theory]
    [InlineData(true, 0UL)]
    [InlineData(false, 0UL)]
    [InlineData(false, 100UL)]
    public async Task A_delta_that_was_damaged_or_lost_on_the_disk_is_forgotten_and_made_anew(bool isLost, ulong offset)
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync();
        var (one, two) = (Trees.Revision(1), Trees.Revision(2));
        var held = await publisher.PublishAsync("1.0.0", one);
        var wanted = await publisher.PublishAsync("1.1.0", two);
        using var device = await server.EnrolAsync(publisher);
        await Trees.WaitForBestAsync(publisher);
        var offer = Assert.Single((await CheckAsync(device, publisher, held.ManifestDigest)).Deltas);
        var file = Assert.Single(Directory.GetFiles(
            Path.Combine(server.Process.Data, "objects", "deltas"), "*", SearchOption.AllDirectories));
        if (isLost) File.Delete(file);
        else Damage(file);

        Assert.Equal(
            "DELTA_UNKNOWN", await CodeOf(() => FetchAsync(device, wanted.ManifestDigest, offer.Digest, offset)));

        await CheckAsync(device, publisher, held.ManifestDigest);
        await Trees.WaitForBestAsync(publisher);
        var again = Assert.Single((await CheckAsync(device, publisher, held.ManifestDigest)).Deltas);
        Trees.AssertMakes(
            await FetchAsync(
                device, wanted.ManifestDigest, again.Digest), held.ManifestDigest, one, wanted.ManifestDigest, two);
    }

    [Fact]
    public async Task A_delta_that_is_longer_than_all_the_room_is_not_kept_nor_made_again()
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync("Deltas:CacheBytes=100");
        var held = await publisher.PublishAsync("1.0.0", Trees.Revision(1));
        await publisher.PublishAsync("1.1.0", Trees.Revision(2));
        using var device = await server.EnrolAsync(publisher);

        await Trees.WaitUntilIdleAsync(publisher);
        var header = await CheckAsync(device, publisher, held.ManifestDigest);

        Assert.Empty(header.Deltas);
        var list = await ListAsync(publisher);
        Assert.Empty(list.Queued);
        Assert.True(Assert.Single(list.Built).Digest.IsEmpty);
        Assert.Empty(Directory.GetFiles(
            Path.Combine(server.Process.Data, "objects", "deltas"), "*", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(server.Process.Data, "scratch")));
    }

    [Fact]
    public async Task A_device_is_answered_though_the_recipes_of_its_release_are_lost()
    {
        await using var server = new OwnServer();
        var publisher = await server.StartAsync("Deltas:Workers=0");
        var held = await publisher.PublishAsync("1.0.0", Trees.Revision(1));
        await publisher.PublishAsync("1.1.0", Trees.Revision(2));
        using var device = await server.EnrolAsync(publisher);
        Directory.Delete(Path.Combine(server.Process.Data, "objects", "recipes"), recursive: true);

        var header = await CheckAsync(device, publisher, held.ManifestDigest);

        Assert.Empty(header.Deltas);
        Assert.Equal(0UL, header.ChunkBytes);
        Assert.NotEqual(0UL, header.TransferBytes);
    }

    private async Task<(
        TestPublisher Publisher, TestDevice Device, ByteString Wanted, DeltaOffer Offer)> PublishTwoAsync()
    {
        var publisher = await fixture.CreateProductAsync();
        var device = await fixture.EnrolAsync(publisher);
        var held = await publisher.PublishAsync("1.0.0", Trees.Revision(1));
        var wanted = await publisher.PublishAsync("1.1.0", Trees.Revision(2));
        await Trees.WaitForBestAsync(publisher);
        var header = await CheckAsync(device, publisher, held.ManifestDigest);
        return (publisher, device, wanted.ManifestDigest, Assert.Single(header.Deltas));
    }

    private static async Task<UpdateHeader> CheckAsync(TestDevice device, TestPublisher publisher, ByteString held) =>
        (await device.CheckAsync(new CheckForUpdateRequest
        {
            Product = publisher.Product,
            Platform = TestPublisher.Platform,
            HeldManifestDigest = held,
        })).Header;

    private static async Task<byte[]> FetchAsync(
        TestDevice device, ByteString manifest, ByteString delta, ulong offset = 0)
    {
        using var call = device.Releases.FetchDelta(
            new FetchDeltaRequest { ManifestDigest = manifest, DeltaDigest = delta, Offset = offset });
        var bytes = new List<byte>();
        await foreach (var part in call.ResponseStream.ReadAllAsync())
        {
            Assert.InRange(part.Piece.Length, 1, 256 * 1024);
            bytes.AddRange(part.Piece);
        }

        return [.. bytes];
    }

    private async Task<HttpResponseMessage> GetAsync(ByteString manifest, ByteString delta, RangeHeaderValue? range)
    {
        using var http = new HttpClient { BaseAddress = fixture.Server.Http };
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            $"/v1/manifests/{Convert.ToHexStringLower(manifest.Span)}/deltas/{Convert.ToHexStringLower(delta.Span)}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Server.AdminToken);
        request.Headers.Range = range;
        return await http.SendAsync(request);
    }

    private static async Task<ListDeltasResponse> ListAsync(TestPublisher publisher) =>
        await publisher.Administration.ListDeltasAsync(new ListDeltasRequest { Product = publisher.Product });

    private static async Task<string> CodeOf(Func<Task> call) =>
        (await Assert.ThrowsAnyAsync<ChunkOtaException>(call)).Code;

    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x10;
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllBytes(path, bytes);
    }
}
