using System.Net;
using ChunkOta.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace ChunkOta.Tests.Server.Hosting;

public sealed class ReflectionRoutesTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("192.0.2.1", "192.0.2.7", false)]
    [InlineData("192.0.2.7", "192.0.2.7", false)]
    [InlineData("2001:db8::1", "2001:db8::7", false)]
    [InlineData(null, null, false)]
    public async Task Only_callers_on_this_machine_are_answered(string? caller, string? own, bool isAnswered)
    {
        var wasCalled = false;
        var endpoint = new RouteEndpointBuilder(
            _ =>
            {
                wasCalled = true;
                return Task.CompletedTask;
            },
            RoutePatternFactory.Parse("/any"), order: 0);
        ReflectionRoutes.AllowLoopbackOnly(endpoint);
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = caller is null ? null : IPAddress.Parse(caller);
        context.Connection.LocalIpAddress = own is null ? null : IPAddress.Parse(own);

        await endpoint.RequestDelegate!(context);

        Assert.Equal(isAnswered, wasCalled);
        Assert.Equal(isAnswered ? "" : "12", context.Response.Headers["grpc-status"].ToString());
    }
}
