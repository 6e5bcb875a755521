using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Planning;

public sealed class DeltaSelectionTests
{
    private static readonly OfferedDelta Small = new(Digest.Of("small"u8), 1_000);
    private static readonly OfferedDelta Large = new(Digest.Of("large"u8), 3_000);

    [Fact]
    public void A_delta_covers_the_first_file_of_every_new_content()
    {
        var from = new TestRelease("1.0.0", 1).File("same", "same").File("here", "moved").File("changed", "old");
        var to = new TestRelease("1.1.0", 2).File("same", "same").File("there", "moved").File("changed", "new")
            .File("again/changed", "new").File("added", "added").File("empty", []).EmptyDirectory("d")
            .Link("l", "added");

        var covered = DeltaSelection.Covered(from.Contents, to.Contents);

        Assert.Equal(["added", "again/changed"], covered.Select(entry => to.Manifest.Entries[entry].Path));
    }

    [Fact]
    public void The_delta_with_the_least_left_to_download_is_taken()
    {
        var offers = new DeltaOffers(Digest.Of("from"u8), [Small, Large], 5_000);

        Assert.Equal(Small, DeltaSelection.Choose(offers, 100_000, 100_000, _ => 0));
        Assert.Equal(Large, DeltaSelection.Choose(offers, 100_000, 100_000, delta => delta == Large ? 2_500 : 0));
    }

    [Theory]
    [InlineData(999, 100_000, false)]
    [InlineData(1_001, 100_000, true)]
    [InlineData(10_000, 5_000, false)]
    [InlineData(30_000, 5_000, true)]
    [InlineData(0, 900, false)]
    [InlineData(0, 1_100, true)]
    public void Chunks_are_taken_when_what_is_still_missing_costs_less_by_them(
        long chunkBytes, long missingBytes, bool isDelta)
    {
        var offers = new DeltaOffers(Digest.Of("from"u8), [Small], chunkBytes);

        var chosen = DeltaSelection.Choose(offers, coveredBytes: 100_000, missingBytes, _ => 0);

        Assert.Equal(isDelta, chosen is not null);
    }

    [Fact]
    public void A_delta_longer_than_the_files_it_makes_is_worth_nothing()
    {
        var offers = new DeltaOffers(Digest.Of("from"u8), [Large], 1_000_000);

        Assert.Null(DeltaSelection.Choose(offers, coveredBytes: 2_999, missingBytes: 2_999, _ => 0));
    }

    [Fact]
    public void Offers_that_cannot_be_used_are_passed_over()
    {
        var header = new UpdateHeader
        {
            Deltas =
            {
                new DeltaOffer { Digest = Google.Protobuf.ByteString.CopyFromUtf8("no digest"), Bytes = 10 },
                new DeltaOffer { Digest = Small.Digest.ToByteString(), Bytes = ulong.MaxValue },
                new DeltaOffer { Digest = Small.Digest.ToByteString() },
                new DeltaOffer { Digest = Small.Digest.ToByteString(), Bytes = 1_000 },
                new DeltaOffer { Digest = Large.Digest.ToByteString(), Bytes = 3_000 },
            },
        };

        Assert.Equal([Small], UpdateMessages.ToOffer(header, Digest.Of("from"u8)).Deltas!.Deltas);
        Assert.Null(UpdateMessages.ToOffer(header, held: null).Deltas);
        Assert.Null(UpdateMessages.ToOffer(new UpdateHeader(), Digest.Of("from"u8)).Deltas);
    }

    [Fact]
    public void Files_of_one_content_come_from_the_one_that_the_delta_makes()
    {
        var from = new TestRelease("1.0.0", 1).File("a", "old");
        var to = new TestRelease("1.1.0", 2).File("a", "new").File("b", "new").File("c", "other").File("d", "new");
        var covered = DeltaSelection.Covered(from.Contents, to.Contents);
        var choices = Planner.Choose(to.Contents, new LocalFiles(to.Contents, null), entry => entry == 2);

        DeltaSelection.Apply(to.Contents, covered, choices);

        Assert.Equal(
            [FileAction.Delta, FileAction.Copy, FileAction.Staged, FileAction.Copy],
            choices.Select(choice => choice.Action));
        Assert.All([choices[1], choices[3]], choice => Assert.True(choice.IsCopyOfMade && choice.Source.Entry == 0));
    }
}
