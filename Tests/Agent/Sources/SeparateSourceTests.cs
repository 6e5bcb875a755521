using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Sources;

public sealed class SeparateSourceTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_source_that_can_only_fetch_serves_beside_a_server_that_is_only_asked()
    {
        var release = new TestRelease("1.0.0", 1).File("large", TestRelease.Random(1, 60_000)).File("small", "small");
        _rig.Source.Publish(release, 1);
        var mirror = new FetchOnly(_rig.Source);

        await _rig.UpdateAsync(source: mirror);

        _rig.AssertCurrent(release);
        Assert.Equal(["recipes", "chunks"], mirror.Calls);
        Assert.Single(_rig.Source.Checks);
    }

    [Fact]
    public async Task A_source_that_lies_is_found_out_whoever_it_is()
    {
        _rig.Source.Publish(new TestRelease("1.0.0", 1).File("large", TestRelease.Random(1, 60_000)), 1);
        _rig.Source.TamperChunks = plain => plain[^1] ^= 1;

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(
            () => _rig.UpdateAsync(source: new FetchOnly(_rig.Source)));

        Assert.Equal(ErrorCodes.ChunkHash, failure.Code);
        Assert.Null(_rig.Activation.FindCurrent());
    }

    /// <summary>A source that cannot be asked anything, as a static mirror will be.</summary>
    private sealed class FetchOnly(IReleaseSource inner) : IReleaseSource
    {
        public List<string> Calls { get; } = [];

        public IAsyncEnumerable<RecipePart> FetchRecipesAsync(
            Digest manifest, IReadOnlyList<int> entries, long offset, CancellationToken cancellationToken)
        {
            Calls.Add("recipes");
            return inner.FetchRecipesAsync(manifest, entries, offset, cancellationToken);
        }

        public IAsyncEnumerable<FetchedFrame> FetchChunksAsync(
            Digest manifest,
            IReadOnlyList<WantedChunks> ranges,
            ChunkPortion? portion,
            CancellationToken cancellationToken)
        {
            Calls.Add("chunks");
            return inner.FetchChunksAsync(manifest, ranges, portion, cancellationToken);
        }

        public IAsyncEnumerable<ReadOnlyMemory<byte>> FetchDeltaAsync(
            Digest manifest, Digest delta, long offset, CancellationToken cancellationToken)
        {
            Calls.Add("delta");
            return inner.FetchDeltaAsync(manifest, delta, offset, cancellationToken);
        }
    }
}
