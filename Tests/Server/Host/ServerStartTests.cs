using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ChunkOta.Client;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Grpc.Reflection.V1;

namespace ChunkOta.Tests.Server;

public sealed class ServerStartTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _server;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Health_is_answered_for_the_server_and_each_service_without_a_token()
    {
        _server = await ServerProcess.StartAsync(_folder["data"]);
        using var channel = GrpcChannel.ForAddress(_server.Grpc);
        var health = new Health.HealthClient(channel);

        foreach (var service in (string[])["", "chunkota.v1.Devices", "chunkota.v1.Chunks"])
        {
            var answer = await health.CheckAsync(new HealthCheckRequest { Service = service });
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, answer.Status);
        }

        var unknown = await Assert.ThrowsAsync<RpcException>(
            async () => await health.CheckAsync(new HealthCheckRequest { Service = "chunkota.v1.Unknown" }));
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reflection_is_answered_on_loopback_unless_it_is_off(bool isOn)
    {
        _server = await ServerProcess.StartAsync(_folder["data"], $"Listen:Reflection={isOn}");
        using var channel = GrpcChannel.ForAddress(_server.Grpc);
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo();

        await call.RequestStream.WriteAsync(
            new ServerReflectionRequest { FileContainingSymbol = "chunkota.v1.Chunks.FetchChunks" });
        var answered = call.ResponseStream.MoveNext(CancellationToken.None);

        if (isOn)
        {
            Assert.True(await answered);
            Assert.NotEmpty(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
        }
        else
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await answered);
            Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
        }
    }

    [Fact]
    public async Task A_server_answers_on_all_three_ports()
    {
        _server = await ServerProcess.StartAsync(_folder["data"]);
        using var clear = _server.Connect(token: null);
        using var tls = ServerConnection.Open(
            ServerAddress.Parse(_server.Tls.ToString()), ServerTrust.Pinned(_server.SpkiSha256), new WireMeter(),
            new AnonymousAuthorization());
        using var http = new HttpClient();

        var one = await new Administration.AdministrationClient(clear.Invoker).GetServerAsync(new GetServerRequest());
        var other = await new Administration.AdministrationClient(tls.Invoker).GetServerAsync(new GetServerRequest());
        var health = await http.GetAsync(new Uri(_server.Http, "healthz"));

        Assert.Equal(_server.SpkiSha256, one.TlsSpkiSha256);
        Assert.Equal(one.Version, other.Version);
        Assert.StartsWith("SQLite 3.", one.CatalogueEngine, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Equal("ok\n", await health.Content.ReadAsStringAsync());
        Assert.False(health.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("https://chunkota.example/source")]
    [InlineData("https://git.example.com/our/changes", "Source:Url=https://git.example.com/our/changes")]
    public async Task Anyone_learns_where_the_source_of_the_running_version_is(string url, params string[] settings)
    {
        _server = await ServerProcess.StartAsync(_folder["data"], settings);
        using var http = new HttpClient();

        var answer = await http.GetFromJsonAsync<JsonElement>(new Uri(_server.Http, "version"));

        Assert.Equal(url, answer.GetProperty("source").GetString());
    }

    [Fact]
    public async Task The_health_command_tells_a_running_server_from_a_stopped_one()
    {
        _server = await ServerProcess.StartAsync(_folder["data"]);
        string[] ask =
            ["health", "--data", _server.Data, $"Listen:Http=127.0.0.1:{_server.Http.Port}"];

        var healthy = await ProgramRun.RunAsync(new Dictionary<string, string?>(), "dotnet", [Programs.Server, .. ask]);
        await _server.StopAsync();
        var gone = await ProgramRun.RunAsync(new Dictionary<string, string?>(), "dotnet", [Programs.Server, .. ask]);
        var portless = await ProgramRun.RunAsync(
            new Dictionary<string, string?>(), "dotnet", [Programs.Server, .. ask, "Listen:Http=off"]);

        Assert.Equal("healthy\n", healthy.Succeeded().Out);
        gone.Refused("SERVER_UNAVAILABLE", 8);
        portless.Refused("CONFIG_INVALID", 2);
    }

    [Fact]
    public async Task A_stopped_server_ends_with_0_and_the_next_one_knows_the_same_token()
    {
        _server = await ServerProcess.StartAsync(_folder["data"]);
        var token = _server.AdminToken;

        Assert.Equal(0, await _server.StopAsync());

        _server = await ServerProcess.StartAsync(_folder["data"]);
        Assert.Equal(token, _server.AdminToken);
        using var connection = _server.Connect(token);
        var tokens = await new Administration.AdministrationClient(connection.Invoker)
            .ListTokensAsync(new ListTokensRequest());
        Assert.Equal(TokenRole.Admin, Assert.Single(tokens.Tokens).Role);
    }

    [Fact]
    public async Task A_second_server_on_the_same_folder_is_refused()
    {
        _server = await ServerProcess.StartAsync(_folder["data"]);

        var failure =
            await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(_folder["data"]));

        Assert.Contains("exit code 7", failure.Message, StringComparison.Ordinal);
        Assert.Contains("error BUSY: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        _server = await ServerProcess.StartAsync(_folder["data"]);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ServerProcess.StartAsync(_folder["other"], $"Listen:Http=127.0.0.1:{_server.Http.Port}"));

        Assert.Contains("exit code 2", failure.Message, StringComparison.Ordinal);
        Assert.Contains($":{_server.Http.Port}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_call_has_a_code_that_clients_understand()
    {
        _server = await ServerProcess.StartAsync(_folder["data"]);
        using var connection = _server.Connect(token: null);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(
            async () => await new Administration.AdministrationClient(connection.Invoker)
                .ListTokensAsync(new ListTokensRequest()));

        Assert.Equal(ErrorCodes.TokenInvalid, failure.Code);
    }
}
