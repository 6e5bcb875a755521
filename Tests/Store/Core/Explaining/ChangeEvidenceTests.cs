using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Deltas;

public sealed class ChangeEvidenceTests
{
    private const long Size = 1_000_000;

    [Fact]
    public void A_few_changed_bytes_where_nothing_moved_are_a_timestamp() =>
        AssertCause(
            ChangeCause.Timestamp, Steps(different: 8, inserted: 0), "8 differ, 0 are new", "SOURCE_DATE_EPOCH");

    [Fact]
    public void The_same_few_bytes_in_a_longer_file_are_an_edit_or_a_shift()
    {
        AssertCause(ChangeCause.Shifted, Steps(different: 0, inserted: 20) with { BaseSize = Size - 20 }, "20 are new");
        AssertCause(ChangeCause.Shifted, Steps(different: 8, moved: 2), "2 of them moved");
    }

    [Fact]
    public void Some_changed_places_are_an_edit() =>
        AssertCause(ChangeCause.Edited, Steps(different: 400, inserted: 300), "400 differ, 300 are new");

    [Fact]
    public void Bytes_that_were_put_in_shift_what_follows() =>
        AssertCause(
            ChangeCause.Shifted, Steps(different: 100, inserted: 5_000, moved: 3) with { BaseSize = Size - 5_000 },
            "3 of them moved");

    [Fact]
    public void Small_differences_all_over_are_a_rebuild() =>
        AssertCause(
            ChangeCause.Rebuilt, Steps(different: 30_000, inserted: 2_000, moved: 40), "30,000 differ", "toolchain");

    [Fact]
    public void A_compressed_file_of_which_most_is_new_was_packed_anew() =>
        AssertCause(
            ChangeCause.Recompressed, Steps(different: 0, inserted: 900_000) with { Compression = "zip" },
            "zip data, 90", "unpacked");

    [Fact]
    public void A_compressed_file_of_which_little_is_new_was_not() =>
        AssertCause(ChangeCause.Edited, Steps(different: 500, inserted: 0) with { Compression = "zip" }, "500 differ");

    [Fact]
    public void A_frame_tells_by_its_length()
    {
        AssertCause(ChangeCause.Edited, Frame(5_000), "5,000 bytes, compressed with the base at hand, make 1,000,000");
        AssertCause(ChangeCause.Timestamp, Frame(30), "30 bytes");
        AssertCause(ChangeCause.Edited, Frame(30) with { BaseSize = 7 }, "30 bytes");
        AssertCause(ChangeCause.Recompressed, Frame(900_000) with { Compression = "gzip" }, "gzip data");
    }

    [Theory]
    [InlineData(40, 38, 0, ChangeCause.Edited)]
    [InlineData(40, 38, 20, ChangeCause.Shifted)]
    [InlineData(40, 1, 0, ChangeCause.Rebuilt)]
    [InlineData(1, 0, 0, ChangeCause.Edited)]
    public void Without_a_delta_the_chunks_tell(int chunks, int same, int moved, ChangeCause cause) =>
        AssertCause(
            cause,
            new ChangeFigures
            {
                Size = Size,
                BaseSize = Size,
                Chunks = chunks,
                SameChunks = same,
                MovedChunks = moved,
            },
            $"{same} of {chunks} chunks are the same");

    [Fact]
    public void Compressed_files_are_told_by_how_they_begin()
    {
        Assert.Equal("zip", CompressedKinds.Find("PK\x03\x04rest"u8));
        Assert.Equal("gzip", CompressedKinds.Find([0x1f, 0x8b, 8, 0]));
        Assert.Equal("zstd", CompressedKinds.Find([0x28, 0xb5, 0x2f, 0xfd, 0]));
        Assert.Null(CompressedKinds.Find("\x7fELF"u8));
        Assert.Null(CompressedKinds.Find([]));
    }

    private static void AssertCause(ChangeCause cause, ChangeFigures figures, string evidence, string hint = "")
    {
        var told = ChangeEvidence.Of(figures);

        Assert.Equal(cause, told.Cause);
        Assert.Contains(evidence, told.Evidence, StringComparison.Ordinal);
        Assert.Contains(hint, told.Hint, StringComparison.Ordinal);
    }

    private static ChangeFigures Steps(long different = 0, long inserted = 0, long moved = 0) => new()
    {
        Size = Size,
        BaseSize = Size,
        Delta = new DeltaFileFigures
        {
            Coding = DeltaCoding.Steps,
            Steps = 5 + moved,
            MovedSteps = moved,
            CopiedBytes = Size - inserted,
            DifferentBytes = different,
            InsertedBytes = inserted,
            ObjectBytes = 100,
        },
        Chunks = 16,
        SameChunks = 0,
        MovedChunks = 0,
    };

    private static ChangeFigures Frame(long bytes) => Steps(0) with
    {
        Delta = new DeltaFileFigures
        {
            Coding = DeltaCoding.PrefixFrame,
            Steps = 0,
            MovedSteps = 0,
            CopiedBytes = 0,
            DifferentBytes = 0,
            InsertedBytes = Size,
            ObjectBytes = bytes,
        },
    };
}
