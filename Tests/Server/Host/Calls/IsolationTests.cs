using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;
using Grpc.Core;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>No publisher can stop the others, whatever it sends and whatever it leaves out.</summary>
public sealed class IsolationTests : IAsyncLifetime
{
    private readonly OwnServer _server = new();
    private TestPublisher _publisher = null!;
    private TestPublisher _other = null!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _other.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Eight_idle_uploads_of_one_token_do_not_keep_another_from_publishing()
    {
        await StartAsync("Publish:IdleSeconds=3600");
        var begun = await _other.BeginAsync("1.0.0");
        var idle = await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => OpenIdleAsync(begun, seed)));

        await Eventually.Async(
            "a publish beside idle uploads",
            _publisher.PublishAsync("1.0.0", Tree.Of(("bin/app", 1, 3_000_000), ("readme", 2, 100))),
            () => _server.Process.Log);

        Assert.All(idle, call => Assert.False(call.ResponseAsync.IsCompleted));
        foreach (var call in idle)
        {
            await call.RequestStream.CompleteAsync();
            Assert.Equal(1UL, (await call.ResponseAsync).NewChunks);
            call.Dispose();
        }
    }

    [Fact]
    public async Task An_upload_that_stands_still_ends_and_what_it_brought_is_kept()
    {
        await StartAsync("Publish:IdleSeconds=5", "Publish:StreamsPerCaller=1");
        var begun = await _other.BeginAsync("1.0.0");
        using var idle = await OpenIdleAsync(begun, 1);
        using var recipes = _other.Publishing.PutRecipes();

        var failure = await Assert.ThrowsAsync<ChunkOtaException>(() => idle.ResponseAsync);

        Assert.Equal(ErrorCodes.TimedOut, failure.Code);
        Assert.False(Assert.Single(await _other.FindMissingAsync(begun, [Chunk(1).Hash])));
        // Its place is free for the next upload, which ends likewise.
        Assert.Equal(
            ErrorCodes.TimedOut,
            (await Assert.ThrowsAsync<ChunkOtaException>(async () => await recipes)).Code);
    }

    private static VerifiedChunk Chunk(int seed) => VerifiedChunk.Of(Tree.Bytes(9000 + seed, 1000));

    private async Task<AsyncClientStreamingCall<PushedFrame, PutFramesResponse>> OpenIdleAsync(
        BeginPublishResponse begun, int seed)
    {
        var call = _other.Chunks.PutFrames(default);
        using var encoder = new ZstdEncoder(3);
        var (frame, lengths) = Frames.Encode([Chunk(seed)], encoder);
        await call.RequestStream.WriteAsync(new PushedFrame(begun.PublishId.Memory, lengths, frame));
        return call;
    }

    private async Task StartAsync(params string[] settings)
    {
        _publisher = await _server.StartAsync(settings);
        var keys = new TestKeys();
        await _publisher.Administration.CreateProductAsync(
            new CreateProductRequest { Name = "mallory", Root = keys.Root });
        var token = await _publisher.Administration.CreateTokenAsync(
            new CreateTokenRequest { Role = TokenRole.Publisher, Product = "mallory" });
        _other = new TestPublisher(_server.Process.Connect(token.Token), keys, "mallory");
    }
}
