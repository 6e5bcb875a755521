using System.Net;
using System.Net.Http.Headers;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Tests.Protos.Client;

/// <summary>Proxies that answer for the server because they have too much to do.</summary>
public sealed class BusyProxyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task The_time_that_a_proxy_names_reaches_the_caller(int status)
    {
        await using var proxy = await StartAsync(status, "17");
        using var connection = ServerConnection.Open(
            ServerAddress.Parse(AddressOf(proxy)), ServerTrust.System, new WireMeter(),
            new BearerAuthorization("coa_x"));

        var failure = await Assert.ThrowsAsync<RetryLaterException>(async () =>
            await new Administration.AdministrationClient(connection.Invoker).GetServerAsync(new GetServerRequest()));

        Assert.Equal((ErrorCodes.Throttled, TimeSpan.FromSeconds(17)), (failure.Code, failure.RetryAfter));
        Assert.Equal(
            $"a proxy before the server has too much to do: HTTP {status}: ask again in 17 s", failure.Message);
    }

    [Theory]
    [InlineData(1_000_000_000, 86_400)]
    [InlineData(0, 1)]
    public void A_time_has_bounds(int asked, int expected) =>
        Assert.Equal(
            TimeSpan.FromSeconds(expected),
            Find(429, new RetryConditionHeaderValue(TimeSpan.FromSeconds(asked)))?.RetryAfter);

    [Fact]
    public void A_moment_is_a_time_from_now()
    {
        var soon = new RetryConditionHeaderValue(Now.AddSeconds(90));
        var past = new RetryConditionHeaderValue(Now.AddDays(-1));

        Assert.Equal(TimeSpan.FromSeconds(90), Find(429, soon)?.RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(1), Find(429, past)?.RetryAfter);
    }

    [Fact]
    public void Nobody_asks_for_time_without_the_header_or_with_another_status()
    {
        Assert.Null(Find(429, null));
        Assert.Null(Find(200, new RetryConditionHeaderValue(TimeSpan.FromSeconds(5))));
        Assert.Null(Find(302, new RetryConditionHeaderValue(TimeSpan.FromSeconds(5))));
    }

    private static RetryLaterException? Find(int status, RetryConditionHeaderValue? asked)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.RetryAfter = asked;
        return BusyProxies.Find(response, Now);
    }

    private static async Task<WebApplication> StartAsync(int status, string retryAfter)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = retryAfter;
            return context.Response.WriteAsync("busy");
        });
        await app.StartAsync();
        return app;
    }

    private static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
}
