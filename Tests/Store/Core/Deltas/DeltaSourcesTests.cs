using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Deltas;

public sealed class DeltaSourcesTests
{
    private static readonly ReleaseRecord[] Line = [.. Enumerable.Range(1, 6).Reverse().Select(Release)];

    [Fact]
    public void What_most_devices_run_comes_first_then_the_releases_before() =>
        Assert.Equal(
            [
                (2, DeltaSources.RunningPriority), (1, DeltaSources.RunningPriority),
                (5, DeltaSources.PreviousPriority), (4, DeltaSources.PreviousPriority),
            ],
            Choose(to: 6, previous: 2, (1, 10), (2, 500)));

    [Fact]
    public void A_release_that_devices_run_is_not_wanted_twice() =>
        Assert.Equal(
            [(5, DeltaSources.RunningPriority), (4, DeltaSources.PreviousPriority)],
            Choose(to: 6, previous: 2, (5, 1)));

    [Fact]
    public void Devices_that_run_the_new_release_or_one_that_nobody_knows_want_nothing() =>
        Assert.Empty(Choose(to: 6, previous: 0, (6, 9), (77, 9)));

    [Fact]
    public void Devices_may_go_back_but_only_older_releases_count_as_those_before() =>
        Assert.Equal(
            [(6, DeltaSources.RunningPriority), (2, DeltaSources.PreviousPriority), (1, DeltaSources.PreviousPriority)],
            Choose(to: 3, previous: 9, (6, 1)));

    [Fact]
    public void Anchors_are_wanted_however_old_they_are_but_not_twice() =>
        Assert.Equal(
            [
                (3, DeltaSources.RunningPriority), (5, DeltaSources.AnchorPriority),
                (1, DeltaSources.AnchorPriority), (4, DeltaSources.PreviousPriority),
            ],
            Choose(to: 6, anchors: [1, 3, 5, 6], previous: 2, (3, 1)));

    [Fact]
    public void An_anchor_that_is_newer_than_the_release_is_no_source() =>
        Assert.Equal([(1, DeltaSources.AnchorPriority)], Choose(to: 3, anchors: [1, 5], previous: 0));

    private static IEnumerable<(int, int)> Choose(int to, int previous, params (int Number, long Devices)[] running) =>
        Choose(to, [], previous, running);

    /// <summary>Anchors are not among the releases that are listed: there are too many since.</summary>
    private static IEnumerable<(int, int)> Choose(
        int to, int[] anchors, int previous, params (int Number, long Devices)[] running) =>
        DeltaSources.Choose(
            Release(to), [.. Line.Where(release => !anchors.Contains((int)release.Counter))],
            [.. anchors.Select(number => Release(number) with { Anchored = DateTimeOffset.UnixEpoch })],
            [.. running.Select(one => new RunningRelease(Manifest(one.Number), one.Devices))], previous)
            .Select(source => (Array.FindIndex(Line, release => release.Manifest == source.From), source.Priority))
            .Select(source => (6 - source.Item1, source.Priority));

    private static ReleaseRecord Release(int number) => new()
    {
        Product = "app",
        Platform = "any",
        Version = $"1.{number}.0",
        Counter = (ulong)number,
        Manifest = Manifest(number),
        ManifestPayloadBytes = 0,
        ManifestEnvelopeBytes = 0,
        Published = DateTimeOffset.UnixEpoch,
        Figures = new ReleaseFigures
        {
            LogicalBytes = 0,
            Files = 0,
            Chunks = 0,
            DistinctChunks = 0,
            DistinctPlainBytes = 0,
            NewChunks = 0,
            NewPlainBytes = 0,
            NewStoredBytes = 0,
        },
        Channels = [],
    };

    private static Digest Manifest(int number) => Digest.Of([(byte)number]);
}
