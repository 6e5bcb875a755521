using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Reading;

public sealed class FetchPlannerTests
{
    private const int Kib = 1024;
    private static readonly FrameLocation One = new(Digest.Of("p"u8), 8, 400 * Kib, 500 * Kib);
    private static readonly FrameLocation Two = new(Digest.Of("p"u8), 8 + (400 * Kib), 300 * Kib, 400 * Kib);

    [Fact]
    public void A_frame_that_is_wanted_whole_goes_untouched()
    {
        var steps = FetchPlanner.Plan([Want(7, 0, One, 0, 200), Want(7, 1, One, 200, 300)]);

        var step = Assert.IsType<WholeFrame>(Assert.Single(steps));
        Assert.Equal(One, step.Frame);
        Assert.Equal([FrameSpan.Chunks(7, 0, 2)], step.Spans);
    }

    [Fact]
    public void At_half_of_its_plain_bytes_a_frame_goes_untouched_and_the_rest_is_skipped()
    {
        var steps = FetchPlanner.Plan([Want(7, 3, One, 100, 250)]);

        var step = Assert.IsType<WholeFrame>(Assert.Single(steps));
        Assert.Equal([FrameSpan.Skip(100 * Kib), FrameSpan.Chunks(7, 3, 1), FrameSpan.Skip(150 * Kib)], step.Spans);
    }

    [Fact]
    public void Below_half_its_chunks_are_gathered()
    {
        var wanted = Want(7, 3, One, 100, 249);

        var step = Assert.IsType<GatheredFrame>(Assert.Single(FetchPlanner.Plan([wanted])));

        Assert.Equal([wanted], step.Chunks);
        Assert.Equal(249 * Kib, step.PlainBytes);
        Assert.Equal([FrameSpan.Chunks(7, 3, 1)], step.Spans);
    }

    [Fact]
    public void Gathered_chunks_of_different_frames_travel_together_in_the_order_asked()
    {
        var steps = FetchPlanner.Plan(
            [Want(2, 0, Two, 0, 50), Want(1, 4, One, 0, 60), Want(2, 1, Two, 50, 50), Want(1, 5, One, 60, 60)]);

        var step = Assert.IsType<GatheredFrame>(Assert.Single(steps));
        Assert.Equal([FrameSpan.Chunks(2, 0, 2), FrameSpan.Chunks(1, 4, 2)], step.Spans);
        Assert.Equal(220 * Kib, step.PlainBytes);
    }

    [Fact]
    public void A_gathered_frame_is_closed_before_it_would_be_too_long()
    {
        var frames = Enumerable.Range(0, 5)
            .Select(i => new FrameLocation(Digest.Of([(byte)i]), 8, 500 * Kib, 512 * Kib)).ToList();

        var steps = FetchPlanner.Plan([.. frames.Select((frame, i) => Want((uint)i, 0, frame, 0, 200))]);

        Assert.Equal([400 * Kib, 400 * Kib, 200 * Kib], steps.Cast<GatheredFrame>().Select(step => step.PlainBytes));
    }

    [Fact]
    public void Wanted_chunks_of_a_stored_frame_are_named_in_the_order_they_stand_there()
    {
        var steps = FetchPlanner.Plan([Want(3, 9, One, 300, 200), Want(5, 0, One, 0, 100)]);

        var step = Assert.IsType<WholeFrame>(Assert.Single(steps));
        Assert.Equal([FrameSpan.Chunks(5, 0, 1), FrameSpan.Skip(200 * Kib), FrameSpan.Chunks(3, 9, 1)], step.Spans);
    }

    [Fact]
    public void Chunks_that_follow_each_other_but_for_a_gap_are_named_apart()
    {
        var steps = FetchPlanner.Plan([Want(3, 1, One, 0, 200), Want(3, 2, One, 250, 250)]);

        var step = Assert.IsType<WholeFrame>(Assert.Single(steps));
        Assert.Equal([FrameSpan.Chunks(3, 1, 1), FrameSpan.Skip(50 * Kib), FrameSpan.Chunks(3, 2, 1)], step.Spans);
    }

    [Fact]
    public void A_chunk_that_is_asked_for_under_two_names_is_sent_under_each()
    {
        var steps = FetchPlanner.Plan([Want(1, 0, One, 0, 500), Want(2, 0, One, 0, 500)]);

        Assert.Equal(2, steps.Count);
        Assert.Equal([FrameSpan.Chunks(1, 0, 1)], Assert.IsType<WholeFrame>(steps[0]).Spans);
        Assert.Equal([FrameSpan.Chunks(2, 0, 1)], Assert.IsType<GatheredFrame>(steps[1]).Spans);
    }

    [Fact]
    public void Names_never_outgrow_the_message_beside_their_frame()
    {
        var tiny = new FrameLocation(Digest.Of("t"u8), 8, 300 * Kib, 500_000);
        var wanted = Enumerable.Range(0, 50_000)
            .Select(i => new WantedChunk((uint)i * 7, 3, Digest.Of("x"u8), new ChunkLocation(tiny, i * 10, 10)));

        var steps = FetchPlanner.Plan([.. wanted]);

        Assert.All(steps, step => Assert.IsType<GatheredFrame>(step));
        Assert.All(steps, step => Assert.InRange(step.Spans.Count, 1, FetchPlanner.MaxChunksPerFrame));
        Assert.Equal(50_000, steps.Sum(step => step.Spans.Sum(span => span.Count)));
    }

    [Fact]
    public void Nothing_wanted_is_nothing_planned() => Assert.Empty(FetchPlanner.Plan([]));

    /// <summary>For random wants over random frames: every want is sent exactly once,
    /// at its place, within the limits.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_is_wanted_is_sent_exactly_once(int seed)
    {
#pragma warning disable CA5394 // Test input, not secrets.
        var random = new Random(seed);
        var chunks = new List<WantedChunk>();
        for (var f = 0; f < 60; f++)
        {
            var lengths = Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(1, 17_000)).ToList();
            var frame = new FrameLocation(Digest.Of([(byte)(f / 20)]), 8 + (f * 1000), 1000, lengths.Sum());
            var at = 0;
            foreach (var (n, length) in lengths.Index())
            {
                chunks.Add(new WantedChunk(
                    (uint)f, (uint)n, Digest.Of(BitConverter.GetBytes((f * 100) + n)),
                    new ChunkLocation(frame, at, length)));
                at += length;
            }
        }

        var wanted = chunks.Where(_ => random.Next(3) != 0).OrderBy(_ => random.Next(5)).ToList();
#pragma warning restore CA5394

        var steps = FetchPlanner.Plan(wanted);

        var sent = steps.SelectMany(step => step.Spans.Where(span => !span.IsSkipped)
            .SelectMany(span => Enumerable.Range((int)span.First, (int)span.Count).Select(n => (span.Entry, (uint)n))))
                .ToList();
        Assert.Equal(wanted.Select(chunk => (chunk.Entry, chunk.Number)).Order(), sent.Order());
        foreach (var step in steps.OfType<WholeFrame>())
        {
            var byName = wanted.ToDictionary(chunk => (chunk.Entry, chunk.Number), chunk => chunk.Location);
            var at = 0;
            foreach (var span in step.Spans)
            {
                at += (int)span.SkippedBytes;
                for (var n = span.First; n < span.First + span.Count; n++)
                {
                    Assert.Equal(at, byName[(span.Entry, n)].PlainOffset);
                    at += byName[(span.Entry, n)].Length;
                }
            }

            Assert.Equal(step.Frame.PlainBytes, at);
        }

        Assert.All(steps.OfType<GatheredFrame>(), step => Assert.InRange(step.PlainBytes, 1, ChunkFrame.MaxPlainBytes));
    }

    private static WantedChunk Want(uint entry, uint number, FrameLocation frame, int offsetKib, int lengthKib) =>
        new(entry, number, Digest.Of("any"u8), new ChunkLocation(frame, offsetKib * Kib, lengthKib * Kib));
}
