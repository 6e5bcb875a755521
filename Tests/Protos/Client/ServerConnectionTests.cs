using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ChunkOta.Client;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Tests.Protos.Client;

public sealed class ServerConnectionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_meter_counts_what_passes_the_wire(bool usesTls)
    {
        using var certificate = usesTls ? CallServer.Certificate("localhost") : null;
        await using var server = await CallServer.StartAsync(new CallServer.Answers
        {
            GetServer = _ => Task.FromResult(new GetServerResponse { Version = new string('v', 200_000) }),
        }, certificate);
        await using var relay = new CountingRelay(server.Uri.Port);
        var meter = new WireMeter();
        var address = ServerAddress.Parse($"{(usesTls ? "https" : "http")}://localhost:{relay.Port}");
        var trust = certificate is null ? ServerTrust.System : ServerTrust.Pinned(CallServer.SpkiSha256(certificate));

        using (var connection = ServerConnection.Open(address, trust, meter, new BearerAuthorization("coa_x")))
            await new Administration.AdministrationClient(connection.Invoker).GetServerAsync(new GetServerRequest());

        var (up, down) = await relay.FinishAsync();
        Assert.Equal(up, meter.Up);
        // The server's farewell may arrive when nobody reads any more.
        Assert.InRange(down - meter.Down, 0, 256);
        Assert.InRange(meter.Down, 200_000, 220_000);
    }

    [Fact]
    public async Task Each_call_is_authorised_for_its_own_path_and_authority()
    {
        ConcurrentBag<(string? Header, string Method, string Host)> seen = [];
        await using var server = await CallServer.StartAsync(new CallServer.Answers
        {
            GetServer = context =>
            {
                seen.Add((context.RequestHeaders.GetValue("ota-device"), context.Method, context.Host));
                return Task.FromResult(new GetServerResponse());
            },
        });
        using var connection = Open(server, new CountingAuthorization());
        var client = new Administration.AdministrationClient(connection.Invoker);

        await client.GetServerAsync(new GetServerRequest());
        await client.GetServerAsync(new GetServerRequest());

        Assert.Equal(2, seen.Count);
        Assert.Equal(2, seen.Select(call => call.Header).Distinct().Count());
        Assert.All(seen, call => Assert.EndsWith($" {call.Method} {call.Host}", call.Header, StringComparison.Ordinal));
        Assert.All(seen, call => Assert.Equal(connection.Address.Authority, call.Host));
    }

    [Fact]
    public async Task The_servers_own_code_is_the_callers()
    {
        await using var server = await CallServer.StartAsync(new CallServer.Answers
        {
            GetServer = _ => throw new RpcException(new Status(StatusCode.NotFound, "no product 'x'"),
                new Metadata { { "ota-code", "PRODUCT_UNKNOWN" } }),
        });
        using var connection = Open(server);

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(() => GetServerAsync(connection));

        Assert.Equal(("PRODUCT_UNKNOWN", "no product 'x'"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_SERVER_UNAVAILABLE()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var connection = ServerConnection.Open(
            ServerAddress.Parse($"http://127.0.0.1:{port}"), ServerTrust.System,
            new WireMeter(), new AnonymousAuthorization());

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(() => GetServerAsync(connection));

        Assert.Equal("SERVER_UNAVAILABLE", refused.Code);
        Assert.Contains($"127.0.0.1:{port}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_past_its_deadline_is_SERVER_UNAVAILABLE()
    {
        await using var server = await CallServer.StartAsync(Hanging());
        using var connection = Open(server);
        var soon = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(50);

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(async () =>
            await new Administration.AdministrationClient(connection.Invoker)
                .GetServerAsync(new GetServerRequest(), null, soon));

        Assert.Equal("SERVER_UNAVAILABLE", refused.Code);
    }

    [Fact]
    public async Task A_call_that_its_caller_cancels_is_cancelled_and_not_failed()
    {
        await using var server = await CallServer.StartAsync(Hanging());
        using var connection = Open(server);
        using var cancellation = new CancellationTokenSource();
        var call = new Administration.AdministrationClient(connection.Invoker)
            .GetServerAsync(new GetServerRequest(), cancellationToken: cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call);
    }

    [Fact]
    public async Task Writing_to_a_stream_that_the_server_refused_throws_the_refusal()
    {
        await using var server = await CallServer.StartAsync(new CallServer.Answers
        {
            PutRecipes = (_, _) => throw new RpcException(new Status(StatusCode.NotFound, "no such publish"),
                new Metadata { { "ota-code", "PUBLISH_UNKNOWN" } }),
        });
        using var connection = Open(server);
        using var call = new Publishing.PublishingClient(connection.Invoker).PutRecipes();
        var piece = new PutRecipesRequest { Piece = ByteString.CopyFrom(new byte[60_000]) };

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(async () =>
        {
            for (var i = 0; i < 1_000; i++)
                await call.RequestStream.WriteAsync(piece);
        });

        Assert.Equal("PUBLISH_UNKNOWN", refused.Code);
    }

    private static CallServer.Answers Hanging() => new()
    {
        GetServer = async context =>
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new GetServerResponse();
        },
    };

    private static ServerConnection Open(CallServer server, ICallAuthorization? authorization = null) =>
        ServerConnection.Open(ServerAddress.Parse(server.Uri.ToString()), ServerTrust.System, new WireMeter(),
            authorization ?? new AnonymousAuthorization());

    private static async Task GetServerAsync(ServerConnection connection) =>
        await new Administration.AdministrationClient(connection.Invoker).GetServerAsync(new GetServerRequest());

    private sealed class CountingAuthorization : ICallAuthorization
    {
        private int _calls;

        public (string Name, string Value)? HeaderFor(string method, string authority) =>
            ("ota-device", $"{Interlocked.Increment(ref _calls)} {method} {authority}");
    }
}
