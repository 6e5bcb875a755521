using System.Net.Http.Headers;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>Products whose publishers and devices must not learn what other products have (docs/adr/0043).</summary>
public sealed class IsolatedProductsTests : IAsyncLifetime
{
    private static readonly Tree Content = Tree.Of(("bin/app", 771, 700_000), ("readme", 772, 900));

    private readonly OwnServer _server = new();
    private readonly TestKeys _keys = new();
    private TestPublisher _first = null!;
    private TestPublisher _second = null!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _first.Dispose();
        _second.Dispose();
        await _server.DisposeAsync();
        _keys.Dispose();
    }

    [Fact]
    public async Task A_publisher_learns_nothing_of_what_another_product_has_and_sends_all_of_it()
    {
        await StartAsync("Store:Dedup=product");
        var begun = await _first.BeginAsync("1.0.0");
        var sent = await _first.SendAsync(begun, Content);
        var committed = await _first.CommitAsync(begun, _first.ManifestOf(begun, "1.0.0", Content));

        var other = await _second.BeginAsync("1.0.0");
        Assert.Empty((await FindFilesAsync(other)).Known);
        var hashes = Content.Files.SelectMany(file => file.Chunks).Select(chunk => chunk.Hash).ToList();
        Assert.All(await _second.FindMissingAsync(other, hashes), Assert.True);
        Assert.Contains("its recipe", await RefusalAsync(other), StringComparison.Ordinal);
        await _second.SendRecipesAsync(other, Content);
        Assert.Contains("its chunk", await RefusalAsync(other), StringComparison.Ordinal);
        Assert.Equal(sent, await _second.SendAsync(other, Content));
        Assert.Equal(
            committed.Figures,
            (await _second.CommitAsync(other, _second.ManifestOf(other, "1.0.0", Content))).Figures);

        var again = await _second.BeginAsync("1.0.1");
        Assert.All(await _second.FindMissingAsync(again, hashes), Assert.False);
        Assert.Equal(2, (await FindFilesAsync(again)).Known.Count);
        Assert.Equal(
            Content.Files[0].Entry.Recipe, (await FindFilesAsync(again)).Known[0].Recipe);
    }

    [Fact]
    public async Task A_manifest_that_names_the_product_of_another_publisher_first_is_refused()
    {
        await StartAsync("Store:Dedup=product");
        await _first.PublishAsync("1.0.0", Content);
        var begun = await _second.BeginAsync("1.0.0");
        await _second.SendAsync(begun, Content);
        var manifest = _second.ManifestOf(begun, "1.0.0", Content);
        var payload = ByteString.CopyFrom(
            [.. new Manifest { Product = _first.Product }.ToByteArray(), .. manifest.ToByteArray()]);

        var refusal = await Assert.ThrowsAsync<ChunkOtaException>(() => _second.CommitAsync(
            begun,
            SignedDocument.Sign(PayloadTypes.Manifest, payload.Span, _keys.ReleaseKey),
            SignedDocument.Sign(
                PayloadTypes.Pointer, _second.PointerTo(begun, payload, manifest).ToByteArray(), _keys.ChannelKey)));

        Assert.Equal(ErrorCodes.ManifestInvalid, refusal.Code);
    }

    [Fact]
    public async Task Products_that_are_not_isolated_share_what_is_stored()
    {
        await StartAsync("Store:Dedup=store");
        await _first.PublishAsync("1.0.0", Content);

        var begun = await _second.BeginAsync("1.0.0");

        Assert.Equal(0UL, (await _second.SendAsync(begun, Content)).StoredBytes);
    }

    [Fact]
    public async Task A_product_stays_as_it_was_created_when_the_setting_changes()
    {
        await StartAsync("Store:Dedup=product");
        await _first.PublishAsync("1.0.0", Content);
        await StartAsync("Store:Dedup=store");
        var listed = await _first.Administration.ListProductsAsync(new ListProductsRequest());

        var begun = await _second.BeginAsync("1.0.0");

        Assert.All(listed.Products, product => Assert.True(product.IsIsolated));
        Assert.Equal(700_900UL, (await _second.SendAsync(begun, Content)).NewPlainBytes);
    }

    [Fact]
    public async Task Devices_fetch_what_their_own_product_has_and_nothing_of_another_one()
    {
        await StartAsync("Store:Dedup=product");
        var manifest = (await _first.PublishAsync("1.0.0", Content)).ManifestDigest;
        await _second.PublishAsync("1.0.0", Content);
        using var device = await _server.EnrolAsync(_first);
        using var other = new TestDevice();
        await other.EnrolAsync(_server.Process, await OtherTokenAsync(TokenRole.Install));
        var all = TestDevice.Run(0, 0, (uint)Content.Files[0].Chunks.Count);

        var (chunks, _) = await device.FetchAsync(manifest, Content, all);

        Assert.Equal(Content.Files[0].Chunks.Count, chunks.Count);
        var refusal = await Assert.ThrowsAsync<ChunkOtaException>(() => other.FetchAsync(manifest, Content, all));
        Assert.Equal(ErrorCodes.ReleaseUnknown, refusal.Code);
    }

    [Fact]
    public async Task A_forecast_compares_with_no_release_of_another_product_whatever_devices_report()
    {
        await StartAsync("Store:Dedup=product");
        var theirs = (await _second.PublishAsync("1.0.0", Content)).ManifestDigest;
        var ours = (await _first.PublishAsync("1.0.0", Content)).ManifestDigest;
        using var device = await _server.EnrolAsync(_first);
        await device.Devices.ReportAsync(new ReportRequest
        {
            Product = _first.Product,
            State = DeviceState.Succeeded,
            RunningManifestDigest = theirs,
        });

        var forecast = await _first.Releases.ForecastAsync(new ForecastRequest { ManifestDigest = ours });

        var share = Assert.Single(forecast.Shares);
        Assert.Equal(("", 1UL), (share.Version, share.Devices));
        Assert.InRange(share.ChunkBytes, 700_900UL, 720_000UL);
    }

    [Theory]
    [InlineData("", 0, -1)]
    [InlineData("bytes=5-", 5, -1)]
    [InlineData("bytes=-7", -7, 7)]
    public async Task A_recipe_of_an_isolated_product_is_served_as_any_other(string range, int from, int length)
    {
        await StartAsync("Store:Dedup=product");
        var manifest = (await _first.PublishAsync("1.0.0", Content)).ManifestDigest.ToDigest();
        var recipe = Content.Files[0].Recipe!;
        var bytes = recipe.ToBytes();
        if (from < 0) from += bytes.Length;
        if (length < 0) length = bytes.Length - from;

        using var answer = await GetAsync(
            $"v1/manifests/{manifest}/recipes/{recipe.Digest}", _server.Process.AdminToken, range);
        using var unknown = await GetAsync(
            $"v1/manifests/{manifest}/recipes/{recipe.Digest}", await OtherTokenAsync(TokenRole.Publisher), range);

        Assert.Equal($"\"{recipe.Digest}\"", answer.Headers.ETag!.ToString());
        Assert.Equal(bytes[from..(from + length)], await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal(ErrorCodes.ReleaseUnknown, Assert.Single(unknown.Headers.GetValues("ota-code")));
    }

    [Fact]
    public async Task An_admin_is_told_each_domain_that_has_a_chunk()
    {
        await StartAsync("Store:Dedup=product");
        await _first.PublishAsync("1.0.0", Content);
        await _second.PublishAsync("1.0.0", Content);

        var kept = await _first.Administration.ExplainKeptAsync(
            new ExplainKeptRequest { Chunk = Content.Files[1].Chunks[0].Hash.ToByteString() });

        Assert.Null(kept.Chunk);
        Assert.Equal(
            [("other", "other"), ("tool", "tool")],
            kept.Isolated.Select(chunk => (chunk.IsolatedProduct, chunk.Products.Single())));
        Assert.Equal(2, kept.Isolated.Select(chunk => chunk.Pack).Distinct().Count());
        Assert.Equal(["other", "tool"], kept.Releases.Select(release => release.Product));
    }

    private async Task StartAsync(string setting)
    {
        _first = await _server.StartAsync(setting, "Deltas:Workers=0");
        await _first.Administration.CreateProductAsync(new CreateProductRequest { Name = "other", Root = _keys.Root });
        _second = new TestPublisher(
            _server.Process.Connect(await OtherTokenAsync(TokenRole.Publisher)), _keys, "other");
    }

    private async Task<FindFilesResponse> FindFilesAsync(BeginPublishResponse begun) =>
        await _second.Publishing.FindFilesAsync(new FindFilesRequest
        {
            PublishId = begun.PublishId,
            Files =
            {
                Content.Files.Select(file => new FileKey { Digest = file.Entry.Digest, Size = file.Entry.Size }),
            },
        });

    private async Task<string> RefusalAsync(BeginPublishResponse begun)
    {
        var refusal = await Assert.ThrowsAsync<ChunkOtaException>(
            () => _second.CommitAsync(begun, _second.ManifestOf(begun, "1.0.0", Content)));
        Assert.Equal(ErrorCodes.ReleaseIncomplete, refusal.Code);
        return refusal.Message;
    }

    private async Task<string> OtherTokenAsync(TokenRole role) =>
        (await _first.Administration.CreateTokenAsync(new CreateTokenRequest
        {
            Role = role,
            Product = "other",
            Channel = role == TokenRole.Install ? TestPublisher.Channel : "",
        })).Token;

    private async Task<HttpResponseMessage> GetAsync(string path, string token, string range)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.Process.Http, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (range.Length > 0) request.Headers.TryAddWithoutValidation("Range", range);
        return await http.SendAsync(request);
    }
}
