using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

public sealed class GuardRulesTests : RulesFixture
{
    public GuardRulesTests()
    {
        for (var i = 1; i <= 4; i++)
            State.AddChunk(Chunk(i), 0, 10, 100);
    }

    [Fact]
    public void The_first_release_of_a_product_creates_its_channel_and_platform() =>
        _ = Publish(Plain("1.0.0"), Release("1.0.0", 1, Chunk(1)), 1);

    [Theory]
    [InlineData("stabel", "did you mean stable?")]
    [InlineData("satble", "did you mean stable?")]
    [InlineData("nightly", "there is stable; --create-channel")]
    public void A_channel_that_the_product_does_not_have_must_be_asked_for(string channel, string says)
    {
        Publish(Plain("1.0.0"), Release("1.0.0", 1, Chunk(1)), 1);
        var wanted = Plain("1.0.1") with { Channel = channel };

        var refused = Assert.Throws<ChunkOtaException>(() => LeaseRules.Begin(State, wanted, Now));

        Assert.Equal("CHANNEL_UNKNOWN", refused.Code);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        _ = LeaseRules.Begin(State, wanted with { Allowances = Allowances.NewChannel }, Now);
    }

    [Fact]
    public void A_platform_that_the_product_does_not_have_must_be_asked_for()
    {
        Publish(Plain("1.0.0"), Release("1.0.0", 1, Chunk(1)), 1);
        var wanted = Plain("1.0.0") with { Platform = "ayn" };

        var refused = Assert.Throws<ChunkOtaException>(() => LeaseRules.Begin(State, wanted, Now));

        Assert.Equal("PLATFORM_UNKNOWN", refused.Code);
        Assert.Contains("did you mean any?", refused.Message, StringComparison.Ordinal);
        _ = LeaseRules.Begin(State, wanted with { Allowances = Allowances.NewPlatform }, Now);
    }

    [Fact]
    public void A_channel_of_another_platform_is_a_channel_of_the_product()
    {
        Publish(Plain("1.0.0"), Release("1.0.0", 1, Chunk(1)), 1);

        _ = LeaseRules.Begin(
            State, Plain("1.0.0") with { Platform = "linux-x64", Allowances = Allowances.NewPlatform }, Now);
    }

    [Fact]
    public void A_promotion_to_a_new_channel_must_be_asked_for()
    {
        var release = Release("1.0.0", 1, Chunk(1));
        Publish(Plain("1.0.0"), release, 1);
        var pointer = Pointer(release, 1, "beta");

        Assert.Equal("CHANNEL_UNKNOWN", CodeOf(() => Promote(pointer, Allowances.None)));

        Promote(pointer, Allowances.NewChannel);
        Promote(Pointer(release, 2, "beta"), Allowances.None);

        void Promote(NewPointer moved, Allowances allowances) =>
            PromotionRules.Promote(State, [moved], Withdrawals.Unchanged, allowances);
    }

    [Fact]
    public void A_release_without_files_must_be_asked_for_at_the_begin_and_at_the_commit()
    {
        var planned = Plain("1.0.0") with { Planned = new ReleaseSize(0, 0) };

        Assert.Equal("RELEASE_EMPTY", CodeOf(() => LeaseRules.Begin(State, planned, Now)));
        Assert.Equal("RELEASE_EMPTY", CodeOf(() => Publish(Plain("1.0.0"), Release("1.0.0", 1), 1)));
        Assert.Empty(State.Releases);

        Publish(planned with { Allowances = Allowances.Empty }, Release("1.0.0", 1), 1);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public void A_release_of_less_than_half_the_files_must_be_asked_for(int files, bool isRefused)
    {
        Publish(Plain("1.0.0"), Release("1.0.0", 1, Chunk(1), Chunk(2), Chunk(3)), 1);
        ChunkRef[] chunks = [.. Enumerable.Range(0, files).Select(_ => Chunk(3))];
        var smaller = Release("1.0.1", 2, chunks) with { LogicalBytes = 600, Chunks = [Chunk(3)] };
        var planned = Plain("1.0.1") with { Planned = new ReleaseSize(files, 600) };

        if (isRefused)
        {
            Assert.Equal("RELEASE_SHRUNK", CodeOf(() => LeaseRules.Begin(State, planned, Now)));
            Assert.Equal("RELEASE_SHRUNK", CodeOf(() => Publish(Plain("1.0.1"), smaller, 2)));
            Assert.Single(State.Releases);
        }

        Publish(planned with { Allowances = isRefused ? Allowances.Shrink : Allowances.None }, smaller, 2);
    }

    [Fact]
    public void A_release_of_less_than_half_the_bytes_must_be_asked_for()
    {
        Publish(Plain("1.0.0"), Release("1.0.0", 1, Chunk(1)), 1);
        var smaller = Release("1.0.1", 2, Chunk(1));

        Assert.Equal("RELEASE_SHRUNK", CodeOf(() => Publish(Plain("1.0.1"), smaller with { LogicalBytes = 49 }, 2)));

        Publish(Plain("1.0.1"), smaller with { LogicalBytes = 50 }, 2);
    }

    [Fact]
    public void A_release_on_a_new_channel_is_compared_with_the_newest_of_its_platform()
    {
        Publish(Plain("1.0.0"), Release("1.0.0", 1, Chunk(1), Chunk(2), Chunk(3)), 1);
        var beta = Plain("1.0.1") with
        {
            Channel = "beta",
            Allowances = Allowances.NewChannel,
            Planned = new ReleaseSize(1, 300),
        };

        Assert.Equal("RELEASE_SHRUNK", CodeOf(() => LeaseRules.Begin(State, beta, Now)));
    }

    [Fact]
    public void The_same_release_again_is_never_a_shrink()
    {
        var release = Release("1.0.0", 1, Chunk(1));
        Publish(Plain("1.0.0"), release, 1);

        _ = Publish(Plain("1.0.0") with { Planned = new ReleaseSize(1, 100) }, release, 1);
    }

    private static ChunkRef Chunk(int number) => new(Hash($"chunk {number}"), 100);

    /// <summary>A publish that asks for nothing unusual.</summary>
    private static NewPublish Plain(string version) => Wanted(version) with { Allowances = Allowances.None };

    private CommitOutcome Publish(NewPublish wanted, NewRelease release, ulong seq) =>
        Commit(LeaseRules.Begin(State, wanted, Now), release, Pointer(release, seq, wanted.Channel));
}
