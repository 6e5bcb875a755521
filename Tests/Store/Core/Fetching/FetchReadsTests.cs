using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Reading;

public sealed class FetchReadsTests
{
    private static readonly Digest Pack = Digest.Of("p"u8);

    [Fact]
    public void Neighbours_are_read_together_up_to_a_bound()
    {
        FetchStep[] steps = [.. Enumerable.Range(0, 5).Select(i => Whole(Pack, 8 + (i * 200_000), 200_000))];

        var reads = FetchReads.Group(steps).ToList();

        Assert.Equal([2, 2, 1], reads.Select(read => read.Steps.Count));
        Assert.Equal(steps, reads.SelectMany(read => read.Steps));
    }

    [Fact]
    public void A_gap_another_pack_or_another_direction_begins_a_new_read()
    {
        FetchStep[] steps =
        [
            Whole(Pack, 8, 100), Whole(Pack, 109, 100), Whole(Digest.Of("q"u8), 209, 100), Whole(Pack, 209, 100),
                Whole(Pack, 109, 100),
        ];

        Assert.Equal(5, FetchReads.Group(steps).Count());
    }

    [Fact]
    public void A_gathered_frame_stands_alone()
    {
        FetchStep[] steps = [Whole(Pack, 8, 100), Gathered(), Gathered(), Whole(Pack, 108, 100), Whole(Pack, 208, 100)];

        Assert.Equal([1, 1, 1, 2], FetchReads.Group(steps).Select(read => read.Steps.Count));
    }

    private static WholeFrame Whole(Digest pack, int offset, int storedBytes) =>
        new(new FrameLocation(pack, offset, storedBytes, storedBytes), []) { Spans = [] };

    private static GatheredFrame Gathered() => new([], 0) { Spans = [] };
}
