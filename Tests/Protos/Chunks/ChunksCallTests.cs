using System.Net;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Tests.Protos.Chunks;

/// <summary>The hand-written service through the real gRPC server and client, over h2c.</summary>
public sealed class ChunksCallTests : IAsyncLifetime
{
    private WebApplication _server = null!;
    private GrpcChannel _channel = null!;

    private ChunksClient Client => new(_channel);

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, port => port.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        _server = builder.Build();
        _server.MapGrpcService<EchoingChunks>();
        await _server.StartAsync();
        _channel = GrpcChannel.ForAddress(_server.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Frames_reach_the_server_whole()
    {
        using var call = Client.PutFrames(default);
        for (var number = 0; number < 20; number++)
            using (var frame = new PushedFrame(new byte[16], new uint[] { 1, 2, 3 }, FrameOf(number)))
                await call.RequestStream.WriteAsync(frame);
        await call.RequestStream.CompleteAsync();
        var answer = await call;

        Assert.Equal(60UL, answer.NewChunks);
        Assert.Equal((ulong)Enumerable.Range(0, 20).Sum(number => FrameOf(number).Length), answer.StoredBytes);
    }

    [Fact]
    public async Task Frames_reach_the_agent_whole_and_in_order()
    {
        var request = new FetchChunksRequest { Wants = { new ChunkRun { Entry = 4, First = 0, Count = 20 } } };
        using var call = Client.FetchChunks(request, default);
        var number = 0;

        await foreach (var frame in call.ResponseStream.ReadAllAsync())
            using (frame)
            {
                Assert.Equal([FrameSpan.Chunks(4, (uint)number, 1)], frame.ReadSpans());
                Assert.True(frame.Frame.Span.SequenceEqual(FrameOf(number)));
                number++;
            }

        Assert.Equal(20, number);
    }

    [Fact]
    public async Task A_refusal_comes_with_its_code()
    {
        using var call = Client.FetchChunks(new FetchChunksRequest(), default);

        var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default));

        Assert.Equal("ENTRY_INVALID", RpcErrors.FromRpc(refused).Code);
    }

    // The service descriptor is the generated one, so that reflection and other languages see what is served here.
    [Fact]
    public void The_methods_are_those_of_the_proto_file()
    {
        var service = ChunksReflection.Descriptor.Services.Single();

        Assert.Equal(ChunksContract.ServiceName, service.FullName);
        Assert.Equal(
            service.Methods.Select(
                method => ($"/{service.FullName}/{method.Name}", method.IsClientStreaming, method.IsServerStreaming)),
            [
                (ChunksContract.PutFrames.FullName, ChunksContract.PutFrames.Type == MethodType.ClientStreaming, false),
                (ChunksContract.FetchChunks.FullName, false,
                    ChunksContract.FetchChunks.Type == MethodType.ServerStreaming),
            ]);
    }

    private static byte[] FrameOf(int number)
    {
        var frame = new byte[number % 2 == 0 ? FrameMessage.MaxFrameBytes : 100 + number];
        new Random(number).NextBytes(frame);
        return frame;
    }

    private sealed class EchoingChunks : ChunksBase
    {
        public override async Task<PutFramesResponse> PutFrames(
            IAsyncStreamReader<PushedFrame> requestStream, ServerCallContext context)
        {
            var answer = new PutFramesResponse();
            var number = 0;
            while (await requestStream.MoveNext(context.CancellationToken))
                using (var frame = requestStream.Current)
                {
                    Assert.True(frame.Frame.Span.SequenceEqual(FrameOf(number++)));
                    Assert.Equal(16, frame.PublishId.Length);
                    answer.NewChunks += (ulong)frame.ChunkBytes.Length;
                    answer.StoredBytes += (ulong)frame.Frame.Length;
                }
            return answer;
        }

        public override async Task FetchChunks(
            FetchChunksRequest request, IServerStreamWriter<FetchedFrame> responseStream, ServerCallContext context)
        {
            if (request.Wants.Count == 0)
                throw RpcErrors.ToRpc(new ChunkOtaException(ErrorCodes.EntryInvalid, "nothing is wanted"));
            for (var number = 0; number < request.Wants[0].Count; number++)
            {
                var numbers = new List<uint>();
                FrameSpan.Chunks(request.Wants[0].Entry, (uint)number, 1).AppendTo(numbers);
                using var frame = new FetchedFrame(numbers.ToArray(), FrameOf(number));
                await responseStream.WriteAsync(frame, context.CancellationToken);
            }
        }
    }
}
