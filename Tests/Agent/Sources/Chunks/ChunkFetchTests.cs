using System.Runtime.CompilerServices;
using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Sources.Chunks;

/// <summary>Links that break, servers that send damage or what nobody asked for.</summary>
public sealed class ChunkFetchTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_damaged_chunk_is_fetched_again_alone()
    {
        var release = Release();
        _rig.Source.Publish(release, 1);
        var frames = 0;
        _rig.Source.TamperChunks = plain => plain[^1] ^= frames++ == 2 ? (byte)1 : (byte)0;

        await _rig.UpdateAsync();

        _rig.AssertCurrent(release);
        var repeated = _rig.Source.ChunksSent.GroupBy(chunk => chunk).Where(sent => sent.Count() > 1).ToList();
        Assert.Equal(2, Assert.Single(repeated).Count());
        Assert.Equal([1], _rig.Source.FetchCalls.Skip(1).Select(ranges => ranges.Sum(range => range.Count)));
    }

    [Fact]
    public async Task A_chunk_that_is_always_damaged_is_named_after_three_tries_and_the_others_are_kept()
    {
        var release = Release();
        _rig.Source.Publish(release, 1);
        var bad = release.ChunkOf("lib/large", 7);
        _rig.Source.TamperChunks = plain =>
        {
            var at = plain.AsSpan().IndexOf(bad);
            if (at >= 0)
                plain[at] ^= 1;
        };

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal(ErrorCodes.ChunkHash, failure.Code);
        var chunk = release.Chunks["lib/large"][7];
        Assert.StartsWith($"chunk {chunk.Hash} of lib/large came damaged 3 times", failure.Message);
        Assert.Equal(3, _rig.Source.ChunksSent.Count(sent => sent == chunk));
        Assert.Equal(release.Chunks.Values.Sum(chunks => chunks.Count) + 2, _rig.Source.ChunksSent.Count);
        _rig.Source.TamperChunks = null;
        _rig.Source.ChunksSent.Clear();
        await _rig.UpdateAsync();
        _rig.AssertCurrent(release);
        Assert.Equal([chunk], _rig.Source.ChunksSent);
    }

    [Fact]
    public async Task A_server_that_repeats_what_it_has_sent_does_not_go_on_for_ever()
    {
        var release = Release();
        _rig.Source.Publish(release, 1);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(
            () => _rig.UpdateAsync(source: new RepeatingSource(_rig.Source)));

        Assert.Equal(ErrorCodes.FrameInvalid, failure.Code);
        Assert.EndsWith("more came than was asked for", failure.Message);
    }

    [Fact]
    public async Task A_link_that_breaks_before_a_frame_is_through_gets_there_with_smaller_ones()
    {
        var release = Release();
        _rig.Source.Publish(release, 1);
        _rig.Source.ChunksPerFrame = 1000;
        var link = new BreakingSource(_rig.Source, connectionBytes: 20_000);

        await _rig.UpdateAsync(source: link);

        _rig.AssertCurrent(release);
        Assert.InRange(link.Breaks, 2, 20);
    }

    [Fact]
    public async Task A_link_that_breaks_before_one_chunk_is_through_gets_there_in_parts()
    {
        var fetch = new BigChunk(connectionBytes: 100_000);

        await fetch.RunAsync();

        Assert.Equal(fetch.Content, fetch.Written);
        Assert.InRange(fetch.SentBytes, fetch.Content.Length, 3 * fetch.Content.Length);
    }

    [Fact]
    public async Task A_server_that_does_not_know_parts_sends_the_chunk()
    {
        var fetch = new BigChunk(connectionBytes: 100_000) { KnowsParts = false, MendsAfter = 2 };

        await fetch.RunAsync();

        Assert.Equal(fetch.Content, fetch.Written);
    }

    [Fact]
    public async Task A_link_that_brings_nothing_at_all_is_given_up_after_five_tries()
    {
        var fetch = new BigChunk(connectionBytes: 100);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(fetch.RunAsync);

        Assert.Equal(ErrorCodes.ServerUnavailable, failure.Code);
        Assert.Equal(5, fetch.Calls);
    }

    [Fact]
    public async Task A_source_that_stays_silent_is_given_up_after_the_second_try()
    {
        var fetch = new BigChunk(connectionBytes: 100) { Failure = ErrorCodes.TooSlow };

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(fetch.RunAsync);

        Assert.Equal(ErrorCodes.TooSlow, failure.Code);
        Assert.Equal(2, fetch.Calls);
    }

    [Fact]
    public async Task A_source_that_stalls_again_and_again_is_gone_on_with_while_something_comes()
    {
        var fetch = new BigChunk(connectionBytes: 70_000) { Failure = ErrorCodes.TooSlow };

        await fetch.RunAsync();

        Assert.Equal(fetch.Content, fetch.Written);
        Assert.InRange(fetch.Calls, 5, 50);
    }

    private static TestRelease Release() => new TestRelease("1.0.0", 1)
        .File("lib/large", TestRelease.Random(1, 60_000))
        .File("lib/other", TestRelease.Random(2, 25_000));

    /// <summary>Sends every frame for ever.</summary>
    private sealed class RepeatingSource(IReleaseSource inner) : IReleaseSource
    {
        public IAsyncEnumerable<RecipePart> FetchRecipesAsync(
            Digest manifest, IReadOnlyList<int> entries, long offset, CancellationToken cancellationToken) =>
            inner.FetchRecipesAsync(manifest, entries, offset, cancellationToken);

        public async IAsyncEnumerable<FetchedFrame> FetchChunksAsync(
            Digest manifest,
            IReadOnlyList<WantedChunks> ranges,
            ChunkPortion? portion,
            [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            while (true)
            {
                var first = ranges.Take(1).Select(range => range with { Count = 1 }).ToList();
                await foreach (var frame in inner.FetchChunksAsync(manifest, first, portion, cancellationToken))
                    yield return frame;
            }
        }

        public IAsyncEnumerable<ReadOnlyMemory<byte>> FetchDeltaAsync(
            Digest manifest, Digest delta, long offset, CancellationToken cancellationToken) =>
            inner.FetchDeltaAsync(manifest, delta, offset, cancellationToken);
    }

    /// <summary>A link whose connection breaks after a number of bytes; a frame is through or lost.</summary>
    private sealed class BreakingSource(IReleaseSource inner, int connectionBytes) : IReleaseSource
    {
        private int _bytes;

        public int Breaks { get; private set; }

        public IAsyncEnumerable<RecipePart> FetchRecipesAsync(
            Digest manifest, IReadOnlyList<int> entries, long offset, CancellationToken cancellationToken) =>
            inner.FetchRecipesAsync(manifest, entries, offset, cancellationToken);

        public async IAsyncEnumerable<FetchedFrame> FetchChunksAsync(
            Digest manifest,
            IReadOnlyList<WantedChunks> ranges,
            ChunkPortion? portion,
            [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var frame in inner.FetchChunksAsync(manifest, ranges, portion, cancellationToken))
            {
                _bytes += frame.Frame.Length;
                if (_bytes > connectionBytes)
                {
                    (_bytes, Breaks) = (0, Breaks + 1);
                    throw new ChunkOtaException(ErrorCodes.ServerUnavailable, "the connection was lost");
                }
                yield return frame;
            }
        }

        public IAsyncEnumerable<ReadOnlyMemory<byte>> FetchDeltaAsync(
            Digest manifest, Digest delta, long offset, CancellationToken cancellationToken) =>
            inner.FetchDeltaAsync(manifest, delta, offset, cancellationToken);
    }

    /// <summary>One chunk of 250 kB over a link that breaks.</summary>
    private sealed class BigChunk(int connectionBytes) : IReleaseSource, IChunkSink
    {
        private readonly ChunkDemand _demand = new();
        private int _bytes;

        public byte[] Content { get; } = TestRelease.Random(5, 250_000);

        public byte[]? Written { get; private set; }

        public bool KnowsParts { get; init; } = true;

        public int MendsAfter { get; init; } = int.MaxValue;

        public string Failure { get; init; } = ErrorCodes.ServerUnavailable;

        public int Calls { get; private set; }

        public long SentBytes { get; private set; }

        public async Task RunAsync()
        {
            _demand.Add(0, [new ChunkRef(Digest.Of(Content), Content.Length)], _ => false);
            using var fetch = new ChunkFetch(
                this, Release().Contents, _demand, this, new RunMonitor(new TestClock()));
            await fetch.RunAsync(default);
        }

        public void Write(VerifiedChunk chunk)
        {
            Written = chunk.Plain.ToArray();
            _demand.MarkWritten(chunk.Ref);
        }

        public async IAsyncEnumerable<FetchedFrame> FetchChunksAsync(
            Digest manifest,
            IReadOnlyList<WantedChunks> ranges,
            ChunkPortion? portion,
            [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            var part = KnowsParts && portion is { } known ? known : new ChunkPortion(0, Content.Length);
            _bytes += part.Length;
            SentBytes += Math.Min(part.Length, connectionBytes);
            if (++Calls <= MendsAfter && _bytes > connectionBytes)
            {
                _bytes = 0;
                throw new ChunkOtaException(Failure, "the connection was lost");
            }
            var spans = new List<uint>();
            if (part.Length == Content.Length)
                FrameSpan.Chunks(0, 0, 1).AppendTo(spans);
            else
                FrameSpan.Skip((uint)part.Length).AppendTo(spans);
            using var encoder = new ZstdEncoder(3);
            var frame = new byte[ChunkFrame.HeaderBytes + part.Length];
            var length = ChunkFrame.Encode(Content.AsSpan(part.Offset, part.Length), frame, encoder);
            yield return new FetchedFrame(spans.ToArray(), frame.AsMemory(0, length));
        }

        public IAsyncEnumerable<RecipePart> FetchRecipesAsync(
            Digest manifest, IReadOnlyList<int> entries, long offset, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public IAsyncEnumerable<ReadOnlyMemory<byte>> FetchDeltaAsync(
            Digest manifest, Digest delta, long offset, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
