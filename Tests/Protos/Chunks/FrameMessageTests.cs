using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Tests.Protos.Chunks;

public sealed class FrameMessageTests
{
    private static readonly Marshaller<PushedFrame> Pushed = ChunksContract.PutFrames.RequestMarshaller;
    private static readonly Marshaller<FetchedFrame> Fetched = ChunksContract.FetchChunks.ResponseMarshaller;

    [Fact]
    [Trait("Category", "Random")]
    public void What_is_written_is_what_the_generated_messages_write()
    {
        var random = Rounds.Random(1);
        for (var round = 0; round < Rounds.Of(300); round++)
        {
            var (id, numbers, frame) = (
                Bytes(random, random.Next(0, 3) * 8), Numbers(random), Bytes(random, random.Next(0, 70_000)));
            var put = new PutFramesRequest
            {
                PublishId = ByteString.CopyFrom(id),
                ChunkBytes = { numbers },
                Frame = ByteString.CopyFrom(frame)
            };
            var fetch = new FetchChunksResponse { Spans = { numbers }, Frame = ByteString.CopyFrom(frame) };

            Assert.Equal(put.ToByteArray(), BufferSerialization.Of(Pushed, new PushedFrame(id, numbers, frame)));
            Assert.Equal(fetch.ToByteArray(), BufferSerialization.Of(Fetched, new FetchedFrame(numbers, frame)));
        }
    }

    [Fact]
    [Trait("Category", "Random")]
    public void What_the_generated_messages_write_is_read_in_whatever_pieces_it_comes()
    {
        var random = Rounds.Random(2);
        for (var round = 0; round < Rounds.Of(300); round++)
        {
            var (id, numbers, frame) = (Bytes(random, 16), Numbers(random), Bytes(random, random.Next(0, 3_000)));
            var put = new PutFramesRequest
            {
                PublishId = ByteString.CopyFrom(id),
                ChunkBytes = { numbers },
                Frame = ByteString.CopyFrom(frame)
            };
            var fetch = new FetchChunksResponse { Spans = { numbers }, Frame = ByteString.CopyFrom(frame) };
            var piece = random.Next(1, 200);

            using var pushed = BufferDeserialization.Of(Pushed, put.ToByteArray(), piece);
            using var fetched = BufferDeserialization.Of(Fetched, fetch.ToByteArray(), piece);

            Assert.Equal(id, pushed.PublishId.ToArray());
            Assert.Equal(numbers, pushed.ChunkBytes.ToArray());
            Assert.Equal(frame, pushed.Frame.ToArray());
            Assert.Equal(numbers, fetched.Spans.ToArray());
            Assert.Equal(frame, fetched.Frame.ToArray());
        }
    }

    [Fact]
    public void Numbers_that_are_not_packed_and_fields_that_are_not_known_are_read_too()
    {
        byte[] message =
        [
            0x08, 1, // spans: 1, alone
            0x0a, 3, 2, 0xac, 0x02, // spans: 2 and 300, packed
            0x18, 5, // field 3, varint
            0x21, 1, 2, 3, 4, 5, 6, 7, 8, // field 4, fixed64
            0x2d, 1, 2, 3, 4, // field 5, fixed32
            0x32, 2, 9, 9, // field 6, bytes
            0x12, 1, 7, // frame, not the last
            0x08, 4, // spans: 4, alone
            0x12, 2, 8, 9, // frame
            0x10, 1, // field 2 as a varint: another field's type
        ];

        using var read = BufferDeserialization.Of(Fetched, message, 3);

        Assert.Equal([1u, 2, 300, 4], read.Spans.ToArray());
        Assert.Equal([8, 9], read.Frame.ToArray());
        Assert.Equal([1u, 2, 300, 4], FetchChunksResponse.Parser.ParseFrom(message).Spans);
    }

    // Damaged at random: what both readers accept they read alike, and ours fails in no other way than by refusing.
    [Fact]
    [Trait("Category", "Random")]
    public void Damaged_messages_are_refused_or_read_as_the_generated_code_reads_them()
    {
        var random = Rounds.Random(4);
        var refused = 0;
        for (var round = 0; round < Rounds.Of(20_000); round++)
        {
            var message = new PutFramesRequest
            {
                PublishId = ByteString.CopyFrom(Bytes(random, 16)),
                ChunkBytes = { Numbers(random, 12) },
                Frame = ByteString.CopyFrom(Bytes(random, 40)),
            }.ToByteArray();
            for (var damage = random.Next(1, 4); damage > 0; damage--)
                message[random.Next(message.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0)
                message = message[..random.Next(message.Length + 1)];

            var generated = Parse(message);
            PushedFrame ours;
            try
            {
                ours = BufferDeserialization.Of(Pushed, message, random.Next(1, 30));
            }
            catch (FrameInvalidException)
            {
                refused++;
                continue;
            }
            using (ours)
            {
                Assert.NotNull(generated);
                Assert.Equal(generated.PublishId.ToByteArray(), ours.PublishId.ToArray());
                Assert.Equal(generated.ChunkBytes, ours.ChunkBytes.ToArray());
                Assert.Equal(generated.Frame.ToByteArray(), ours.Frame.ToArray());
            }
        }

        Assert.InRange(refused, Rounds.Of(2_000), Rounds.Of(19_000));
    }

    [Fact]
    public void A_frame_above_the_limit_is_refused_before_it_is_copied()
    {
        var message = new FetchChunksResponse { Frame = ByteString.CopyFrom(new byte[FrameMessage.MaxFrameBytes + 1]) }
            .ToByteArray();
        Assert.ThrowsAny<ChunkOtaException>(() => BufferDeserialization.Of(Fetched, message));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var failure = Record.Exception(() => BufferDeserialization.Of(Fetched, message));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal("FRAME_INVALID", Assert.IsType<FrameInvalidException>(failure).Code);
        Assert.True(allocated < 20_000, $"{allocated} bytes were allocated");
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new FetchedFrame(default, new byte[FrameMessage.MaxFrameBytes + 1]));
    }

    [Fact]
    public void The_longest_frame_fits_a_message_of_1_MiB_with_its_lengths()
    {
        var bytes = BufferSerialization.Of(Pushed, new PushedFrame(
            new byte[16], Enumerable.Repeat(12u, 512 * 1024 / 12).ToArray(), new byte[FrameMessage.MaxFrameBytes]));

        Assert.True(bytes.Length < 1 << 20, $"{bytes.Length} bytes");
        using var read = BufferDeserialization.Of(Pushed, bytes, 16_384);
        Assert.Equal(512 * 1024 / 12, read.ChunkBytes.Length);
    }

    [Theory]
    [InlineData("0a")] // ends before a length
    [InlineData("0a05")] // ends inside a field
    [InlineData("12ffffffff0f")] // a length of 4 GiB
    [InlineData("12ffffffffffffffffff01")] // a length of 2^64 - 1
    [InlineData("0affffffffffffffffffff01")] // a number of 11 bytes
    [InlineData("0a0180")] // a packed number that does not end
    [InlineData("00")] // field 0
    [InlineData("0b0c")] // a group
    [InlineData("2101")] // half a fixed64
    public void Broken_messages_are_refused(string hex) =>
        Assert.Throws<FrameInvalidException>(() => BufferDeserialization.Of(Fetched, Convert.FromHexString(hex)));

    [Fact]
    public void Reading_a_frame_again_and_again_allocates_next_to_nothing()
    {
        var message = new FetchChunksResponse { Spans = { 1, 0, 8 }, Frame = ByteString.CopyFrom(new byte[500_000]) }
            .ToByteArray();
        BufferDeserialization.Of(Fetched, message).Dispose();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++)
            BufferDeserialization.Of(Fetched, message).Dispose();
        var perFrame = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;

        Assert.True(perFrame < 1_000, $"{perFrame} bytes a frame");
    }

    [Fact]
    public void A_message_that_was_disposed_of_is_read_no_more()
    {
        var read = BufferDeserialization.Of(Fetched,
            new FetchChunksResponse { Spans = { 1, 0, 1 }, Frame = ByteString.CopyFrom(1, 2, 3) }.ToByteArray());

        read.Dispose();
        read.Dispose();

        Assert.Throws<ObjectDisposedException>(() => read.Frame);
        Assert.Throws<ObjectDisposedException>(() => read.Spans);
    }

    [Fact]
    public void Spans_survive_their_numbers()
    {
        FrameSpan[] spans =
            [FrameSpan.Chunks(0, 0, 3), FrameSpan.Skip(17), FrameSpan.Chunks(41, 7, 1), FrameSpan.Skip(1)];
        var numbers = new List<uint>();
        foreach (var span in spans)
            span.AppendTo(numbers);

        Assert.Equal([1u, 0, 3, 0, 17, 42, 7, 1, 0, 1], numbers);
        Assert.Equal(spans, new FetchedFrame(numbers.ToArray(), default).ReadSpans());
    }

    public static TheoryData<uint[]> BrokenSpans =>
        [new([1u]), new([1u, 0]), new([1u, 0, 0]), new([0u]), new([0u, 0]), new([1u, 0, 1, 5])];

    [Theory]
    [MemberData(nameof(BrokenSpans))]
    public void Numbers_that_are_no_whole_spans_are_refused(uint[] numbers) =>
        Assert.Throws<FrameInvalidException>(() => FrameSpan.ReadAll(numbers));

    private static PutFramesRequest? Parse(byte[] message)
    {
        try
        {
            return PutFramesRequest.Parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static uint[] Numbers(Random random, int most = 300) =>
        [.. Enumerable.Range(0, random.Next(0, most)).Select(
            _ => (uint)(random.NextInt64(1L << 32) >> random.Next(0, 33)))];

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
