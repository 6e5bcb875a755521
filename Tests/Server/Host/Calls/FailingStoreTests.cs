using System.Net;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;
using Grpc.Core;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>A store that is full or damaged: its operator reads where and how much is free, a caller neither.</summary>
public sealed class FailingStoreTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestKeys _keys = new();
    private ServerProcess _server = null!;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _keys.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_full_store_is_logged_as_an_error_with_its_path_and_the_caller_learns_no_path()
    {
        var publisher = await StartAsync("op=Write;path=objects/tmp;mode=enospc;sticky");

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(
            () => publisher.PublishAsync("1.0.0", Tree.Of(("app", 851, 500_000))));

        Assert.Equal(ErrorCodes.StoreFull, failure.Code);
        Assert.DoesNotContain('/', failure.Message);
        var line = Assert.Single(await ErrorsAsync());
        Assert.Contains("/chunkota.v1.", line, StringComparison.Ordinal);
        Assert.Contains(ErrorCodes.StoreFull, line, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_server.Data, "objects", "tmp"), line, StringComparison.Ordinal);
        Assert.Matches(@"\d [kMGT]?B are free", line);
    }

    /// <remarks>On a copy-on-write file system even a page of shared memory that SQLite writes again needs space, and
    /// Linux ends a program that does not get it (SIGBUS). The answer is a lost connection then, and what was
    /// acknowledged before is there at the next start.</remarks>
    [FactIfInstalled("btrfs mkfs.btrfs")]
    public async Task A_full_quota_is_a_full_store_for_the_catalogue_as_well_and_loses_nothing()
    {
        const int EndedByBusError = 128 + 7;
        await using var disk = await SmallDisk.MountBtrfsAsync(_folder["disk"], megabytes: 64);
        await RunAsync("btrfs", "quota", "enable", disk.Path);
        _server = await ServerProcess.StartAsync(_folder["disk/data"]);
        await RunAsync("sync", "-f", disk.Path);
        await RunAsync("btrfs", "qgroup", "limit", "2M", disk.Path);

        var acknowledged = new HashSet<string>();
        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => MakeTokensAsync(acknowledged));

        Assert.Contains(failure.Code, (string[])[ErrorCodes.StoreFull, ErrorCodes.ServerUnavailable]);
        var exitCode = await _server.StopAsync();
        if (failure.Code == ErrorCodes.ServerUnavailable)
            Assert.Equal(EndedByBusError, exitCode);
        else
            Assert.DoesNotContain('/', failure.Message);
        await _server.DisposeAsync();
        await RunAsync("btrfs", "qgroup", "limit", "none", disk.Path);
        _server = await ServerProcess.StartAsync(_folder["disk/data"]);
        using var connection = _server.Connect(_server.AdminToken);
        using var listing = new Administration.AdministrationClient(connection.Invoker)
            .ListTokens(new ListTokensRequest());
        await foreach (var answer in listing.ResponseStream.ReadAllAsync())
            acknowledged.ExceptWith(answer.Tokens.Select(token => token.TokenId));
        Assert.Empty(acknowledged);
        await _server.StopAsync();
    }

    private async Task MakeTokensAsync(HashSet<string> acknowledged)
    {
        using var connection = _server.Connect(_server.AdminToken);
        var administration = new Administration.AdministrationClient(connection.Invoker);
        for (var i = 0; i < 2000; i++)
        {
            var made = await administration.CreateTokenAsync(new CreateTokenRequest { Role = TokenRole.Reader });
            acknowledged.Add(made.TokenId);
        }
    }

    private static async Task RunAsync(string program, params string[] arguments) =>
        (await ProgramRun.RunAsync(new Dictionary<string, string?>(), program, arguments)).Succeeded();

    [Fact]
    public async Task A_failing_store_is_logged_as_an_error_with_its_path_and_the_caller_learns_no_path()
    {
        var publisher = await StartAsync("op=Write;path=objects/tmp;mode=eio;sticky");

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(
            () => publisher.PublishAsync("1.0.0", Tree.Of(("app", 852, 500_000))));

        Assert.Equal(ErrorCodes.StoreUnavailable, failure.Code);
        Assert.DoesNotContain('/', failure.Message);
        Assert.Contains(
            Path.Combine(_server.Data, "objects", "tmp"), Assert.Single(await ErrorsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_object_is_logged_as_an_error_over_HTTP_as_well()
    {
        var publisher = await StartAsync(fault: null);
        var commit = await publisher.PublishAsync("1.0.0", Tree.Of(("app", 853, 500_000)));
        var manifest = commit.ManifestDigest.ToDigest();
        foreach (var file in Directory.GetFiles(
            Path.Combine(_server.Data, "objects", "manifests"), "*", SearchOption.AllDirectories))
            File.Delete(file);

        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.Http, $"v1/manifests/{manifest}"));
        request.Headers.Authorization = new("Bearer", _server.AdminToken);
        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.DoesNotContain(_server.Data, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var line = Assert.Single(await ErrorsAsync());
        Assert.Contains($"GET /v1/manifests/{manifest}", line, StringComparison.Ordinal);
        Assert.Contains(ErrorCodes.StoreUnavailable, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_caller_is_not_an_error_of_the_server()
    {
        var publisher = await StartAsync(fault: null);

        await Assert.ThrowsAnyAsync<ChunkOtaException>(async () =>
            await publisher.Releases.ListReleasesAsync(new ListReleasesRequest { Product = "unknown" }));

        Assert.Empty(await ErrorsAsync());
        Assert.Contains(" info 4001 ", _server.Log, StringComparison.Ordinal);
        Assert.Contains(ErrorCodes.ProductUnknown, _server.Log, StringComparison.Ordinal);
    }

    /// <summary>Starts a server, with a fault if there is one, and registers a product.</summary>
    private async Task<TestPublisher> StartAsync(string? fault)
    {
        _server = fault is null
            ? await ServerProcess.StartAsync(_folder["data"])
            : await ServerProcess.StartFaultyAsync(_folder["data"], fault);
        var publisher = new TestPublisher(_server.Connect(_server.AdminToken), _keys, "tool");
        await publisher.Administration.CreateProductAsync(
            new CreateProductRequest { Name = publisher.Product, Root = _keys.Root });
        return publisher;
    }

    /// <summary>The error lines of the log, complete because the server has ended.</summary>
    private async Task<List<string>> ErrorsAsync()
    {
        await _server.StopAsync();
        return [.. _server.Log.Split('\n').Where(line => line.Contains(" error ", StringComparison.Ordinal))];
    }
}
