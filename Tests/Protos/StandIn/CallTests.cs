using System.Net;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Tests.Protos.StandIn;

/// <summary>The real client calls the real server over h2c, each bound to the stand-ins.</summary>
public sealed class CallTests : IAsyncLifetime
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];

    private WebApplication _server = null!;
    private GrpcChannel _channel = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, port => port.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(options => options.Interceptors.Add<Toll>());
        _server = builder.Build();
        _server.MapGrpcService<DiligentClerk>();
        await _server.StartAsync();
        _channel = GrpcChannel.ForAddress(_server.Urls.Single());
    }

    public async Task DisposeAsync()
    {
        _channel.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_unary_call_returns_its_response_headers_and_status()
    {
        using var call = Invoker().AsyncUnaryCall(
            PostOffice.Send, null, new CallOptions(new Metadata { { "Echo", "hello" } }), new Parcel(41, Bytes));

        var headers = await call.ResponseHeadersAsync;
        var response = await call;

        Assert.Equal("hello", headers.GetValue("echo"));
        Assert.Equal(42, response.Number);
        Assert.Equal(Bytes, response.Bytes);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task A_refused_call_throws_the_status_and_trailers_the_server_gave()
    {
        var options = new CallOptions(new Metadata { { "refuse", "KEY_UNKNOWN" } });

        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await Invoker().AsyncUnaryCall(PostOffice.Send, null, options, new Parcel(1, [])));

        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Equal("refused: KEY_UNKNOWN", refused.Status.Detail);
        Assert.Equal("KEY_UNKNOWN", refused.Trailers.GetValue("ota-code"));
    }

    [Fact]
    public async Task A_client_stream_arrives_whole_and_in_order()
    {
        using var call = Invoker().AsyncClientStreamingCall(PostOffice.Collect, null, default);

        for (var i = 0; i < 5; i++) await call.RequestStream.WriteAsync(new Parcel(i, [(byte)i, .. Bytes]));
        await call.RequestStream.CompleteAsync();
        var response = await call;

        Assert.Equal(5, response.Number);
        Assert.Equal(Enumerable.Range(0, 5).SelectMany(i => (byte[])[(byte)i, .. Bytes]), response.Bytes);
    }

    [Fact]
    public async Task A_server_stream_arrives_whole_and_in_order()
    {
        using var call = Invoker().AsyncServerStreamingCall(PostOffice.Deliver, null, default, new Parcel(5, Bytes));

        var received = new List<Parcel>();
        await foreach (var parcel in call.ResponseStream.ReadAllAsync()) received.Add(parcel);

        Assert.Equal(Enumerable.Range(0, 5), received.Select(parcel => parcel.Number));
        Assert.All(received, parcel => Assert.Equal(Bytes, parcel.Bytes));
    }

    [Fact]
    public async Task A_duplex_call_answers_each_message_before_the_next_is_sent()
    {
        using var call = Invoker().AsyncDuplexStreamingCall(PostOffice.Exchange, null, default);

        for (var i = 1; i <= 5; i++)
        {
            await call.RequestStream.WriteAsync(new Parcel(i, Bytes));
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(-i, call.ResponseStream.Current.Number);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        using var call = Invoker().AsyncDuplexStreamingCall(
            PostOffice.Exchange, null, new CallOptions(cancellationToken: cancellation.Token));
        await call.RequestStream.WriteAsync(new Parcel(1, []));
        Assert.True(await call.ResponseStream.MoveNext());

        await cancellation.CancelAsync();

        var ended = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.Cancelled, ended.StatusCode);
    }

    [Fact]
    public async Task A_call_without_the_interceptors_header_is_turned_away_by_the_servers_interceptor()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await _channel.CreateCallInvoker().AsyncUnaryCall(PostOffice.Send, null, default, new Parcel(1, [])));

        Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
    }

    private CallInvoker Invoker() => _channel.Intercept(new Stamp());

    /// <summary>The client's side: a header on every call.</summary>
    private sealed class Stamp : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation) => continuation(request, Stamped(context));

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) => continuation(Stamped(context));

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context,
            AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) =>
            continuation(request, Stamped(context));

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation) => continuation(Stamped(context));

        private static ClientInterceptorContext<TRequest, TResponse> Stamped<TRequest, TResponse>(
            ClientInterceptorContext<TRequest, TResponse> context) where TRequest : class where TResponse : class =>
            new(context.Method, context.Host,
                context.Options.WithHeaders([.. context.Options.Headers ?? [], new Metadata.Entry("stamp", "paid")]));
    }

    /// <summary>The server's side: no call without that header.</summary>
    private sealed class Toll : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request,
            ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
            continuation(request, Checked(context));

        public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream, ServerCallContext context,
            ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
            continuation(requestStream, Checked(context));

        public override Task ServerStreamingServerHandler<TRequest, TResponse>(TRequest request,
            IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
            ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
            continuation(request, responseStream, Checked(context));

        public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
            continuation(requestStream, responseStream, Checked(context));

        private static ServerCallContext Checked(ServerCallContext context) =>
            context.RequestHeaders.GetValue("stamp") == "paid"
                ? context
                : throw new RpcException(new Status(StatusCode.Unauthenticated, "no stamp"));
    }
}
