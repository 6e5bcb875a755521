using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Cutting;

public sealed class ChunkReaderTests
{
    [Theory]
    [Trait("Category", "Random")]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    public async Task Chunks_are_the_same_however_the_stream_is_handed_over(int seed)
    {
        var random = Rounds.Random(seed);
        using var reader = new ChunkReader(Stream.Null, new CutParameters(64, 256, 1000));
        for (var round = 0; round < Rounds.Of(100); round++)
        {
            var data = TestBytes.Random(random, random.Next(20_000));
            reader.Reset(new SplitStream(data, random));

            var chunks = await ReadAllAsync(reader);

            Assert.Equal(TestBytes.Cut(data, new CutParameters(64, 256, 1000)), chunks.Select(chunk => chunk.Length));
            Assert.Equal(data, chunks.SelectMany(chunk => chunk));
        }
    }

    [Fact]
    [Trait("Category", "Random")]
    public async Task Random_parameters_cut_a_stream_as_they_cut_the_whole()
    {
        var random = Rounds.Random(34);
        for (var round = 0; round < Rounds.Of(50); round++)
        {
            var parameters = TestBytes.Parameters(random);
            var data = TestBytes.Random(random, random.Next(100_000));
            using var reader = new ChunkReader(new SplitStream(data, random), parameters);

            var chunks = await ReadAllAsync(reader);

            Assert.Equal(TestBytes.Cut(data, parameters), chunks.Select(chunk => chunk.Length));
            Assert.Equal(data, chunks.SelectMany(chunk => chunk));
        }
    }

    [Fact]
    public async Task The_end_is_an_empty_chunk_again_and_again()
    {
        using var reader = new ChunkReader(new MemoryStream([1, 2, 3]), CutParameters.Default);

        Assert.Equal([1, 2, 3], (await reader.ReadAsync(default)).ToArray());
        Assert.True((await reader.ReadAsync(default)).IsEmpty);
        Assert.True((await reader.ReadAsync(default)).IsEmpty);
    }

    [Fact]
    public async Task A_failed_read_loses_nothing()
    {
        var data = TestBytes.Congruential(300_000);
        var stream = new SplitStream(data, new Random(35)) { FailEvery = 7 };
        using var reader = new ChunkReader(stream, new CutParameters(1024, 4096, 16_384));
        var failures = 0;
        var read = new List<byte>();

        while (true)
        {
            try
            {
                var chunk = await reader.ReadAsync(default);
                if (chunk.IsEmpty)
                    break;
                read.AddRange(chunk.Span);
            }
            catch (IOException)
            {
                failures++;
            }
        }

        Assert.True(failures > 0);
        Assert.Equal(data, read);
    }

    [Fact]
    public async Task A_cancelled_read_says_so()
    {
        using var reader = new ChunkReader(new MemoryStream(new byte[10]), CutParameters.Default);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await reader.ReadAsync(new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task A_disposed_reader_refuses_to_read()
    {
        var reader = new ChunkReader(Stream.Null, CutParameters.Default);
        reader.Dispose();
        reader.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await reader.ReadAsync(default));
        Assert.Throws<ObjectDisposedException>(() => reader.Reset(Stream.Null));
    }

    [Fact]
    public void Reading_chunk_after_chunk_allocates_nothing_for_a_chunk()
    {
        var source = new MemoryStream(TestBytes.Congruential(8 * 1024 * 1024));
        using var reader = new ChunkReader(source, CutParameters.Default);
        var chunks = 0;

        var allocated = Allocations.Of(CountAsync);

        // Unoptimized builds make an object of each method's state for each refill of the buffer, none for a chunk.
        Assert.InRange(chunks, 100, 200);
        Assert.InRange(allocated, 0, 24 * chunks);

        async Task CountAsync()
        {
            source.Position = 0;
            reader.Reset(source);
            for (chunks = 0; !(await reader.ReadAsync(default)).IsEmpty;)
                chunks++;
        }
    }

    private static async Task<List<byte[]>> ReadAllAsync(ChunkReader reader)
    {
        var chunks = new List<byte[]>();
        while (await reader.ReadAsync(default) is { IsEmpty: false } chunk)
            chunks.Add(chunk.ToArray());
        return chunks;
    }

    /// <summary>
    /// Hands data over in pieces of random lengths, sometimes from another thread, sometimes failing.
    /// </summary>
    private sealed class SplitStream(byte[] data, Random random) : Stream
    {
        private int _position;
        private int _reads;

        public int FailEvery { get; init; } = int.MaxValue;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (++_reads % FailEvery == 0)
                throw new IOException("The disk is tired.");
            if (random.Next(4) == 0)
                await Task.Yield();
            var most = random.Next(3) switch { 0 => 7, 1 => 700, _ => 70_000 };
            var length = Math.Min(Math.Min(random.Next(1, most), buffer.Length), data.Length - _position);
            data.AsMemory(_position, length).CopyTo(buffer);
            _position += length;
            return length;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
