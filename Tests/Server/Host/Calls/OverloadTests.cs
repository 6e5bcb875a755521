using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>A server with more transfers than it admits at once.</summary>
public sealed class OverloadTests : IAsyncDisposable
{
    private readonly OwnServer _server = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Transfers_wait_for_their_turn_and_update_checks_do_not()
    {
        using var publisher = await _server.StartAsync("Fetch:AtOnce=1");
        var tree = Tree.Of(("app", 1, 30_000_000));
        var manifest = (await publisher.PublishAsync("1.0.0", tree)).ManifestDigest;
        var everything = TestDevice.Run(0, 0, (uint)tree.Files[0].Chunks.Count);
        using var slow = await _server.EnrolAsync(publisher);
        using var other = await _server.EnrolAsync(publisher);

        // Takes a little and then reads no more: the server cannot send the rest.
        var request = new FetchChunksRequest { ManifestDigest = manifest, Wants = { everything } };
        using (var standing = slow.Chunks.FetchChunks(request, default))
        {
            Assert.True(await standing.ResponseStream.MoveNext(default));
            standing.ResponseStream.Current.Dispose();

            var refusal = await Assert.ThrowsAsync<RetryLaterException>(
                () => other.FetchAsync(manifest, tree, everything));
            Assert.Equal(ErrorCodes.Throttled, refusal.Code);
            var (header, _) = await other.CheckAsync(new CheckForUpdateRequest
            {
                Product = publisher.Product,
                Platform = TestPublisher.Platform,
            });
            Assert.NotNull(header);
        }

        await Eventually.Async(
            "a transfer after the one that stood still", other.FetchAsync(manifest, tree, everything),
            () => _server.Process.Log);
    }

    [Fact]
    public async Task A_caller_that_calls_too_often_is_told_when_to_come_back()
    {
        using var publisher = await _server.StartAsync("Limits:CallsPerSecond=5");
        var (answered, refusal) = (0, (RetryLaterException?)null);
        while (refusal is null)
        {
            try
            {
                await publisher.Releases.ListReleasesAsync(new ListReleasesRequest { Product = publisher.Product });
                answered++;
            }
            catch (RetryLaterException e)
            {
                refusal = e;
            }
        }

        Assert.True(answered >= 45, $"only {answered} calls were answered");
        Assert.Equal((ErrorCodes.Throttled, TimeSpan.FromSeconds(1)), (refusal.Code, refusal.RetryAfter));
    }
}
