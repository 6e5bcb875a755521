using ChunkOta.Agent;
using ChunkOta.Chunking;

namespace ChunkOta.Tests.Agent.Planning;

public sealed class ChunkDemandTests
{
    [Fact]
    public void A_chunk_that_many_files_lack_is_asked_for_once_and_for_every_use()
    {
        var demand = new ChunkDemand();
        demand.Add(3, Chunks(1, 2, 1), _ => false);
        demand.Add(7, Chunks(2, 4), _ => false);

        var runs = demand.NextRanges();

        Assert.Equal([(3, 0, 2), (7, 1, 1)], runs.Select(run => (run.Entry, run.First, run.Count)));
        Assert.Equal(3, demand.MissingChunks);
        Assert.Equal([(3, 0L), (3, 30L)], Uses(demand, 1));
        Assert.Equal([(3, 10L), (7, 0L)], Uses(demand, 2));
    }

    [Fact]
    public void Neighbours_are_asked_for_as_one_run_and_present_chunks_part_them()
    {
        var demand = new ChunkDemand();
        demand.Add(0, Chunks(1, 2, 3, 4, 5, 6), chunk => chunk == 2);

        var runs = demand.NextRanges();

        Assert.Equal([(0, 0, 2), (0, 3, 3)], runs.Select(run => (run.Entry, run.First, run.Count)));
        Assert.False(demand.IsMissing(Chunk(3).Hash));
    }

    [Fact]
    public void A_file_is_complete_when_its_last_chunk_is_written()
    {
        var demand = new ChunkDemand();
        var first = demand.Add(0, Chunks(1, 2), _ => false);
        var second = demand.Add(1, Chunks(2), _ => false);

        Assert.Empty(demand.MarkWritten(Chunk(1)));
        Assert.Equal([first, second], demand.MarkWritten(Chunk(2)));

        Assert.Equal(0, demand.MissingChunks);
        Assert.Equal(0, demand.MissingBytes);
        Assert.Empty(demand.NextRanges());
    }

    [Fact]
    public void Writing_a_chunk_twice_changes_nothing()
    {
        var demand = new ChunkDemand();
        var file = demand.Add(0, Chunks(1, 2), _ => false);
        demand.MarkWritten(Chunk(1));

        Assert.Empty(demand.MarkWritten(Chunk(1)));

        Assert.Equal(1, file.Remaining);
        Assert.Equal(20, demand.MissingBytes);
    }

    [Fact]
    public void No_more_runs_are_asked_for_than_one_call_takes()
    {
        var demand = new ChunkDemand();
        demand.Add(0, Chunks([.. Enumerable.Range(1, 9)]), chunk => chunk % 2 == 1);

        Assert.Equal(5, demand.NextRanges().Count);
        Assert.Equal([0, 2], demand.NextRanges(maxRanges: 2).Select(run => run.First));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Asking_until_nothing_is_missing_brings_every_chunk_once_and_fills_every_use(int seed)
    {
        var random = new Random(seed);
        var demand = new ChunkDemand();
        var lacking = new HashSet<(int Entry, long Offset)>();
        for (var entry = 0; entry < 40; entry++)
        {
            var chunks = Chunks([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(1, 60))]);
            var present = chunks.Select(_ => random.Next(4) == 0).ToArray();
            demand.Add(entry, chunks, chunk => present[chunk]);
            long offset = 0;
            for (var i = 0; i < chunks.Count; offset += chunks[i++].Length)
            {
                if (!present[i])
                    lacking.Add((entry, offset));
            }
        }
        var asked = new List<Digest>();

        while (demand.MissingChunks > 0)
        {
            foreach (var run in demand.NextRanges(maxRanges: 7))
            {
                Assert.True(demand.TryFindFile(run.Entry, out var file));
                foreach (var chunk in file.Chunks.Skip(run.First).Take(run.Count))
                {
                    asked.Add(chunk.Hash);
                    foreach (var use in demand.UsesOf(chunk.Hash))
                        Assert.True(lacking.Remove((use.File.Entry, use.Offset)));
                    demand.MarkWritten(chunk);
                }
            }
        }

        Assert.Empty(lacking);
        Assert.Equal(asked.Count, asked.Distinct().Count());
        Assert.All(demand.Files, file => Assert.Equal(0, file.Remaining));
        Assert.Equal(0, demand.MissingBytes);
    }

    private static IEnumerable<(int Entry, long Offset)> Uses(ChunkDemand demand, int chunk) =>
        demand.UsesOf(Chunk(chunk).Hash).Select(use => (use.File.Entry, use.Offset));

    private static IReadOnlyList<ChunkRef> Chunks(params int[] numbers) => [.. numbers.Select(Chunk)];

    private static ChunkRef Chunk(int number) => new(Digest.Of(BitConverter.GetBytes(number)), 10 * number);
}
