using ChunkOta.Admin;
using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.Publishing;

public sealed class FrameMakerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Frames_come_in_the_order_of_their_plans_and_hold_their_chunks()
    {
        for (var i = 0; i < 40; i++)
            await File.WriteAllBytesAsync(_folder[$"file{i:00}"], Bytes(i, 90_000 + i));
        using var tree = SourceTree.Scan(_folder.Path);
        var plans = FramePacker.Pack(Chunks(tree)).ToList();
        using var frames = new FrameMaker(tree, level: 1);
        using var decoder = new ZstdDecoder();

        var number = 0;
        await foreach (var frame in frames.MakeAsync(plans, CancellationToken.None))
        {
            using (frame)
            {
                Assert.Same(plans[number++], frame.Plan);
                using var decoded = ChunkFrame.Decode(frame.Bytes, decoder);
                decoded.Verify([.. frame.Plan.Chunks.Select(chunk => chunk.Chunk)]);
            }
        }

        Assert.Equal(plans.Count, number);
        Assert.True(number > 4);
    }

    [Fact]
    public async Task A_file_whose_bytes_are_no_longer_those_that_were_hashed_is_named()
    {
        await File.WriteAllBytesAsync(_folder["a"], Bytes(1, 5_000));
        await File.WriteAllBytesAsync(_folder["b"], Bytes(2, 5_000));
        using var tree = SourceTree.Scan(_folder.Path);
        // As if b had other bytes when it was hashed.
        List<SourceChunk> chunks =
        [
            new(0, 0, new ChunkRef(Digest.Of(Bytes(1, 5_000)), 5_000)),
            new(1, 0, new ChunkRef(Digest.Of(Bytes(3, 5_000)), 5_000)),
        ];
        using var frames = new FrameMaker(tree, level: 1);

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(() => DrainAsync(frames, FramePacker.Pack(chunks)));

        Assert.Equal("IO_ERROR", refused.Code);
        Assert.Contains("'b' changed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_the_making()
    {
        await File.WriteAllBytesAsync(_folder["a"], Bytes(1, 300_000));
        using var tree = SourceTree.Scan(_folder.Path);
        var chunk = new SourceChunk(0, 0, new ChunkRef(Digest.Of(Bytes(1, 300_000)), 300_000));
        using var frames = new FrameMaker(tree, level: 1);
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (
                var frame in frames.MakeAsync(FramePacker.Pack(Enumerable.Repeat(chunk, 50)), cancellation.Token))
            {
                frame.Dispose();
                await cancellation.CancelAsync();
            }
        });
    }

    private static async Task DrainAsync(FrameMaker frames, IEnumerable<FramePlan> plans)
    {
        await foreach (var frame in frames.MakeAsync(plans, CancellationToken.None))
            frame.Dispose();
    }

    private static IEnumerable<SourceChunk> Chunks(SourceTree tree) => tree.Entries.Select((entry, place) =>
        new SourceChunk(place, 0, new ChunkRef(
            Digest.Of(File.ReadAllBytes(Path.Combine(tree.Root, entry.Path))), (int)entry.Length)));

    private static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes.AsSpan(0, length / 2));
        return bytes;
    }
}
