using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>The encoder's memory, and how soon it ends after a cancellation.</summary>
public sealed class DeltaEncoderTests
{
    private const int MiB = 1 << 20;

    [Fact]
    public void A_cancelled_file_is_read_no_further()
    {
        using var cancellation = new CancellationTokenSource();
        using var encoder = Open(cancellation.Token);
        var (old, made) = Pair(8 * MiB);
        var reads = 0;
        var target = new WatchedReader(made, () =>
        {
            if (++reads == 3) cancellation.Cancel();
        });

        Assert.ThrowsAny<OperationCanceledException>(() => encoder.Add(0, target, 0, new MemoryReader(old)));
        Assert.Equal(3, reads);
    }

    [Fact]
    public void A_cancelled_file_without_a_base_is_read_no_further()
    {
        using var cancellation = new CancellationTokenSource();
        using var encoder = Open(cancellation.Token);
        var reads = 0;
        var target = new WatchedReader(new byte[8 * MiB], () =>
        {
            reads++;
            cancellation.Cancel();
        });

        Assert.ThrowsAny<OperationCanceledException>(() => encoder.Add(0, target));
        Assert.Equal(1, reads);
    }

    [Fact]
    public void A_file_that_was_read_is_not_searched_after_the_end()
    {
        using var cancellation = new CancellationTokenSource();
        using var encoder = Open(cancellation.Token);
        var (old, made) = Pair(MiB);
        var @base = new WatchedReader(old, cancellation.Cancel);

        Assert.ThrowsAny<OperationCanceledException>(() => encoder.Add(0, new MemoryReader(made), 0, @base));
    }

    [Fact]
    public void Inserts_are_compressed_no_further_after_the_end()
    {
        using var cancellation = new CancellationTokenSource();
        using var inserts = new WatchedStream(SampleFiles.Random(new Random(5), 4 * MiB));
        using var packed = new MemoryStream();
        var reads = 0;
        inserts.IsRead += () =>
        {
            if (++reads == 3) cancellation.Cancel();
        };

        Assert.ThrowsAny<OperationCanceledException>(
            () => ZstdDeflater.Compress(inserts, inserts.Length, packed, 3, cancellation.Token));
        Assert.Equal(3, reads);
    }

    /// <summary>The index of a base has a link for each window, and at most twice as many heads.</summary>
    [Fact]
    public void The_encoder_holds_two_files_and_an_index()
    {
        using var encoder = Open();
        var (old, made) = Pair(6 * MiB);

        encoder.Add(0, new MemoryReader(made), 0, new MemoryReader(old));

        Assert.InRange(encoder.HeldBytes, 12 * MiB, (12 + (3 * 4 * 6)) * MiB);
    }

    [Fact]
    public void A_small_file_after_a_large_one_gives_its_memory_back()
    {
        using var encoder = Open();
        var (old, made) = Pair(6 * MiB);
        encoder.Add(0, new MemoryReader(made), 0, new MemoryReader(old));

        (old, made) = Pair(10_000);
        encoder.Add(1, new MemoryReader(made), 1, new MemoryReader(old));

        Assert.InRange(encoder.HeldBytes, 1, MiB);
    }

    [Fact]
    public void Inserts_are_compressed_when_all_else_was_given_back()
    {
        long held = -1;
        DeltaEncoder? encoder = null;
        var scratch = 0;
        using (encoder = new DeltaEncoder(DeltaPair.From, DeltaPair.To, DeltaQuality.Best, () =>
        {
            if (++scratch > 3) held = encoder!.HeldBytes;
            return new MemoryStream();
        }))
        {
            var (old, made) = Pair(100_000);
            encoder.Add(0, new MemoryReader(made), 0, new MemoryReader(old));
            Assert.True(encoder.HeldBytes > 0);

            encoder.Finish(Stream.Null);
        }

        Assert.Equal(0, held);
    }

    /// <summary>
    /// About the largest base that is loaded completely: with its index it takes the most memory.
    /// </summary>
    [Fact]
    [Trait("Category", "Slow")]
    public void The_encoder_never_holds_more_than_208_MiB()
    {
        using var encoder = Open();
        long most = 0;
        var old = new byte[127 * MiB];
        new Random(6).NextBytes(old);
        var made = new WatchedReader(old, () => most = Math.Max(most, encoder.HeldBytes));

        encoder.Add(0, made, 0, new MemoryReader(old));

        Assert.InRange(Math.Max(most, encoder.HeldBytes), 200 * MiB, 208 * MiB);
    }

    private static DeltaEncoder Open(CancellationToken cancellationToken = default) =>
        new(DeltaPair.From, DeltaPair.To, DeltaQuality.Best, () => new MemoryStream(), cancellationToken);

    /// <summary>A file, and what became of it: every hundredth byte is another one.</summary>
    private static (byte[] Old, byte[] Made) Pair(int length)
    {
        var old = SampleFiles.Random(new Random(length), length);
        var made = old.ToArray();
        for (var at = 0; at < length; at += 100) made[at]++;
        return (old, made);
    }

    /// <summary>Tells of each read after it was done.</summary>
    private sealed class WatchedReader(byte[] bytes, Action isRead) : IBaseReader
    {
        public long Length => bytes.Length;

        public void Read(long offset, Span<byte> destination)
        {
            bytes.AsSpan((int)offset, destination.Length).CopyTo(destination);
            isRead();
        }
    }

    private sealed class WatchedStream(byte[] bytes) : MemoryStream(bytes)
    {
        public event Action? IsRead;

        public override int Read(byte[] buffer, int offset, int count)
        {
            IsRead?.Invoke();
            return base.Read(buffer, offset, count);
        }
    }
}
