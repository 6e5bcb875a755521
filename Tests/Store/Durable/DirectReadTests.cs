using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable;

public sealed class DirectReadTests : IDisposable
{
    private const int PieceBytes = 8192;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(PieceBytes - 1)]
    [InlineData(PieceBytes)]
    [InlineData((3 * PieceBytes) + 517)]
    public void A_file_read_past_the_cache_gives_the_same_bytes_in_order(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        // The cache may hold what the device does not: nothing is synced.
        using var file = DurableFile.Create(_folder["a"]);
        if (length > 0)
            file.WriteAt(0, content);

        using var buffer = new DirectBuffer(PieceBytes);
        var read = new List<byte>();
        var count = file.ReadDirectly(buffer, piece => read.AddRange(piece));

        Assert.Equal(length, count);
        Assert.Equal(content, read);
    }

    [Fact]
    public void After_a_read_past_the_cache_any_offset_and_length_can_be_read()
    {
        using var file = DurableFile.Create(_folder["a"]);
        file.WriteAt(0, "hello world"u8);
        using var buffer = new DirectBuffer(PieceBytes);
        _ = file.ReadDirectly(buffer, _ => { });

        var bytes = new byte[5];
        Assert.Equal(5, file.ReadAt(6, bytes));
        Assert.Equal("world"u8, bytes);
    }

    [Fact]
    public void A_file_that_cannot_be_read_past_the_cache_gives_fewer_bytes_and_no_failure()
    {
        using var file = DurableFile.OpenRead("/proc/self/status");
        using var buffer = new DirectBuffer(PieceBytes);

        Assert.Equal(0, file.ReadDirectly(buffer, _ => Assert.Fail("a piece came")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void A_buffer_has_whole_blocks(int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new DirectBuffer(length));
}
