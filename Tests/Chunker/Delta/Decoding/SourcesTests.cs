using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Delta.Decoding;

/// <summary>Each stream of a delta has a source of its own, which refuses what its bounds forbid.</summary>
public sealed class SourcesTests
{
    private static readonly DeltaSizes Sizes = new([1000, -1], [2000, -1, 500]);

    [Fact]
    public void The_header_must_be_of_the_two_releases_and_no_longer_than_they()
    {
        var delta = new MemoryReader(new CraftedDelta().File().Build());
        var crowded = new MemoryReader(new CraftedDelta { Files = 4 }.File().Build());
        var swollen = new MemoryReader(new CraftedDelta { InsertBytes = 2501 }.File().Build());

        Assert.Equal(1, DeltaHeaderReader.Read(delta, DeltaPair.From, DeltaPair.To, Sizes).Files);
        Refuses("it belongs to other releases", () => DeltaHeaderReader.Read(delta, DeltaPair.To, DeltaPair.To, Sizes));
        Refuses(
            "it has more files than the release",
            () => DeltaHeaderReader.Read(crowded, DeltaPair.From, DeltaPair.To, Sizes));
        Refuses(
            "it inserts more bytes than the release has",
            () => DeltaHeaderReader.Read(swollen, DeltaPair.From, DeltaPair.To, Sizes));
    }

    [Fact]
    public void Entries_come_in_order_with_base_and_signed_lengths()
    {
        var (coded, header) = Open(new CraftedDelta().File().File(entryGap: 1, baseCode: 0));
        var entries = new EntrySource(coded, header, Sizes);

        Assert.True(entries.TryReadNext(out var first));
        Assert.True(entries.TryReadNext(out var second));

        Assert.Equal((new DeltaEntry(0, 0, 2000), 1000L), (first.Entry, first.BaseBytes));
        Assert.Equal((new DeltaEntry(2, null, 500), 0L), (second.Entry, second.BaseBytes));
        Assert.False(entries.TryReadNext(out _));
    }

    [Fact]
    public void An_entry_of_neither_release_is_refused()
    {
        var (coded, header) = Open(new CraftedDelta { Files = 1 }.File(entryGap: 1));

        Refuses(
            "it makes a file that the release does not have",
            () => new EntrySource(coded, header, Sizes).TryReadNext(out _));
    }

    [Fact]
    public void Steps_come_by_sections_until_the_signed_length_and_are_counted()
    {
        var (coded, _) = Open(
            new CraftedDelta { Files = 1 }.Count(2).Step(100, 200, 0).Step(0, 0, 7).Count(1).Step(100, 300, 0));
        var steps = new StepSource(coded, insertBytes: 7);
        steps.Begin(File(targetBytes: 507, baseBytes: 1000));

        Assert.Equal([new CopyStep(100, 200, 0), new CopyStep(0, 0, 7)], steps.ReadSection().ToArray());
        Assert.Equal(300, steps.TargetBytesLeft);
        Assert.Equal(1, steps.ReadSection().Length);

        Assert.Equal(0, steps.TargetBytesLeft);
        var counts = steps.Counts;
        Assert.Equal((3L, 2L, 500L, 7L), (counts.Steps, counts.MovedSteps, counts.CopiedBytes, counts.InsertedBytes));
    }

    [Theory]
    [InlineData(0, 501, 0, "entry 0 would exceed its signed length")]
    [InlineData(0, 0, 0, "entry 0 has an empty step")]
    [InlineData(900, 101, 0, "entry 0 copies from beyond the end of its base")]
    [InlineData(0, 0, 8, "it inserts more bytes than it contains")]
    public void A_step_out_of_bounds_is_refused(long baseOffset, long copyBytes, long insertBytes, string reason)
    {
        var (coded, _) = Open(new CraftedDelta { Files = 1 }.Count(1).Step(baseOffset, copyBytes, insertBytes));
        var steps = new StepSource(coded, insertBytes: 7);
        steps.Begin(File(targetBytes: 500, baseBytes: 1000));

        Refuses(reason, () => steps.ReadSection().ToArray());
    }

    [Fact]
    public void Word_differences_are_added_behind_their_gaps_across_blocks()
    {
        var (coded, _) = Open(new CraftedDelta { Files = 1 }.Gap(3).Difference(1).Gap(4).Difference(0x0100).Gap(100));
        var words = new WordDifferenceSource(coded);
        var (first, second) = (new byte[9], new byte[10]);
        words.Begin();

        words.BeginSection([new CopyStep(0, 19, 0)], 0);
        words.Apply(first, new CopyBlock(0, 0, IsFirst: true));
        words.Apply(second, new CopyBlock(9, 0, IsFirst: false));

        Assert.Equal([0, 0, 0, 1, 0, 0, 0, 0, 0], first);
        Assert.Equal([0, 0, 0, 1, 0, 0, 0, 0, 0, 0], second);
        Assert.Equal(8, words.DifferentBytes);
    }

    [Fact]
    public void The_writer_copies_changes_and_hands_on_what_the_steps_say()
    {
        var (coded, _) = Open(new CraftedDelta { Files = 1 }.Count(1).Step(2, 6, 0));
        var steps = new StepSource(coded, insertBytes: 0);
        steps.Begin(File(targetBytes: 6, baseBytes: 1000));
        using var made = new MemoryStream();
        var output = new DeltaOutput(new MemoryReader("0123456789"u8.ToArray()), made.Write);

        new FileWriter(null).Write(steps, new Increment(), output);

        Assert.Null(output.Failure);
        Assert.Equal("345678"u8, made.ToArray());
    }

    [Fact]
    public void A_failed_output_is_neither_read_nor_written_again()
    {
        var calls = 0;
        var output = new DeltaOutput(new MemoryReader(new byte[10]), _ =>
        {
            calls++;
            throw new IOException("full");
        });

        output.Write([1]);
        output.Write([2]);

        Assert.Equal(1, calls);
        Assert.False(output.IsOpen);
        Assert.Throws<IOException>(() => output.Failure!.Throw());
    }

    private static void Refuses(string reason, Func<object?> read) =>
        Assert.Contains(reason, Assert.Throws<DeltaBadException>(read).Message, StringComparison.Ordinal);

    private static CodedFile File(long targetBytes, long baseBytes) =>
        new(new DeltaEntry(0, 0, targetBytes), baseBytes, DeltaCoding.Steps, FrameOffset: 0, FrameBytes: 0);

    private static (CodedReader Coded, DeltaHeader Header) Open(CraftedDelta delta)
    {
        var reader = new MemoryReader(delta.Build());
        // Files are counted by the header, and some of these deltas begin in the middle of one.
        var header = DeltaHeader.Read(reader);
        return (new CodedReader(new StoredReader(reader, DeltaHeader.Length, header.CodedBytes)), header);
    }

    /// <summary>Adds one to every byte.</summary>
    private sealed class Increment : IDifferenceSource
    {
        public void BeginSection(ReadOnlySpan<CopyStep> section, long targetStart) => Assert.Equal(1, section.Length);

        public void Apply(Span<byte> block, CopyBlock at)
        {
            Assert.Equal(new CopyBlock(2, -2, IsFirst: true), at);
            foreach (ref var value in block) value++;
        }
    }
}
