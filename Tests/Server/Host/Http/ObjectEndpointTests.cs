using System.Net;
using System.Net.Http.Headers;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Server.Calls;

namespace ChunkOta.Tests.Server.Http;

public sealed class ObjectEndpointTests(ServerFixture fixture) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly HttpClient _http = new();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task A_manifest_and_a_recipe_are_served_whole()
    {
        var (publisher, tree, manifest) = await PublishAsync();
        using var owned = publisher;

        using var whole = await GetAsync($"v1/manifests/{manifest}");
        using var recipe = await GetAsync($"v1/manifests/{manifest}/recipes/{tree.Files[0].Recipe!.Digest}");

        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        Assert.Equal(
            manifest, SignedDocument.DigestOf(Envelope.Parser.ParseFrom(await whole.Content.ReadAsByteArrayAsync())));
        Assert.Equal($"\"{manifest}\"", whole.Headers.ETag!.ToString());
        Assert.Contains("immutable", whole.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.True(whole.Headers.CacheControl.Private);
        Assert.Equal(tree.Files[0].Recipe!.ToBytes(), await recipe.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("bytes=0-9", 0, 10)]
    [InlineData("bytes=10-", 10, -1)]
    [InlineData("bytes=-7", -7, 7)]
    [InlineData("bytes=5-1000000000", 5, -1)]
    public async Task Ranges_are_served(string range, int from, int length)
    {
        var (publisher, tree, manifest) = await PublishAsync();
        using var owned = publisher;
        var bytes = tree.Files[0].Recipe!.ToBytes();
        if (from < 0) from += bytes.Length;
        if (length < 0) length = bytes.Length - from;

        using var answer =
            await GetAsync($"v1/manifests/{manifest}/recipes/{tree.Files[0].Recipe!.Digest}", ("Range", range));

        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal(bytes[from..(from + length)], await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal(
            $"bytes {from}-{from + length - 1}/{bytes.Length}", answer.Content.Headers.ContentRange!.ToString());
    }

    [Fact]
    public async Task A_range_beyond_the_end_is_told_the_length()
    {
        var (publisher, tree, manifest) = await PublishAsync();
        using var owned = publisher;

        using var answer = await GetAsync(
            $"v1/manifests/{manifest}/recipes/{tree.Files[0].Recipe!.Digest}", ("Range", "bytes=100000-"));

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.StatusCode);
        Assert.Equal(
            $"bytes */{tree.Files[0].Recipe!.ToBytes().Length}", answer.Content.Headers.ContentRange!.ToString());
    }

    [Theory]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("lines=1-2")]
    public async Task Ranges_that_are_not_understood_are_ignored(string range)
    {
        var (publisher, _, manifest) = await PublishAsync();
        using var owned = publisher;

        using var answer = await GetAsync($"v1/manifests/{manifest}", ("Range", range));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task What_the_caller_has_already_is_not_sent_again()
    {
        var (publisher, _, manifest) = await PublishAsync();
        using var owned = publisher;

        using var known = await GetAsync($"v1/manifests/{manifest}", ("If-None-Match", $"\"{manifest}\""));
        using var stale = await GetAsync($"v1/manifests/{manifest}", ("Range", "bytes=0-9"), ("If-Range", "\"other\""));

        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Empty(await known.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.OK, stale.StatusCode);
    }

    [Fact]
    public async Task Head_tells_the_length_and_sends_nothing()
    {
        var (publisher, _, manifest) = await PublishAsync();
        using var owned = publisher;
        using var request =
            new HttpRequestMessage(HttpMethod.Head, new Uri(fixture.Server.Http, $"v1/manifests/{manifest}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Server.AdminToken);

        using var answer = await _http.SendAsync(request);

        Assert.True(answer.Content.Headers.ContentLength > 100);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_device_reads_what_it_may_and_is_asked_to_sign_what_it_asks_for()
    {
        var (publisher, _, manifest) = await PublishAsync();
        using var owned = publisher;
        using var device = await fixture.EnrolAsync(publisher);
        var path = $"/v1/manifests/{manifest}";

        using var right =
            await GetAsDeviceAsync(path, device.HeaderFor($"GET {path}", fixture.Server.Http.Authority)!.Value.Value);
        using var wrong = await GetAsDeviceAsync(
            path, device.HeaderFor("GET /v1/manifests", fixture.Server.Http.Authority)!.Value.Value);

        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        Assert.Equal(ErrorCodes.DeviceUnknown, Assert.Single(wrong.Headers.GetValues("ota-code")));
    }

    [Fact]
    public async Task What_is_not_allowed_or_not_there_has_a_status_and_a_code()
    {
        var (publisher, tree, manifest) = await PublishAsync();
        using var owned = publisher;
        using var other = await fixture.CreateProductAsync();
        var reader = await publisher.Administration.CreateTokenAsync(
            new CreateTokenRequest { Role = TokenRole.Reader, Product = other.Product });

        await AssertRefusedAsync(
            $"v1/manifests/{manifest}", null, HttpStatusCode.Unauthorized, ErrorCodes.TokenInvalid);
        await AssertRefusedAsync(
            $"v1/manifests/{manifest}", reader.Token, HttpStatusCode.NotFound, ErrorCodes.ReleaseUnknown);
        await AssertRefusedAsync(
            $"v1/manifests/{Digest.Of("x"u8)}", fixture.Server.AdminToken, HttpStatusCode.NotFound,
            ErrorCodes.ReleaseUnknown);
        await AssertRefusedAsync(
            "v1/manifests/..%2fcatalogue.db", fixture.Server.AdminToken, HttpStatusCode.NotFound,
            ErrorCodes.ReleaseUnknown);
        await AssertRefusedAsync(
            $"v1/manifests/{manifest}/recipes/{tree.Files[0].Chunks[0].Hash}", fixture.Server.AdminToken,
            HttpStatusCode.BadRequest, ErrorCodes.EntryInvalid);
    }

    private async Task<(TestPublisher Publisher, Tree Tree, Digest Manifest)> PublishAsync()
    {
        var publisher = await fixture.CreateProductAsync();
        var tree = Tree.Of(("app", 901, 700_000), ("small", 902, 10));
        var committed = await publisher.PublishAsync("1.0.0", tree);
        return (publisher, tree, committed.ManifestDigest.ToDigest());
    }

    private async Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(fixture.Server.Http, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", fixture.Server.AdminToken);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request);
    }

    private async Task<HttpResponseMessage> GetAsDeviceAsync(string path, string header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(fixture.Server.Http, path));
        request.Headers.TryAddWithoutValidation(DeviceCall.HeaderName, header);
        return await _http.SendAsync(request);
    }

    private async Task AssertRefusedAsync(string path, string? token, HttpStatusCode status, string code)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(fixture.Server.Http, path));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _http.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(code, Assert.Single(answer.Headers.GetValues("ota-code")));
        Assert.Contains($"\"code\":\"{code}\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
