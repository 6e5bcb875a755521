using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Deltas;

public sealed class DeltaSourcesTests
{
    private static readonly ReleaseRecord[] Line = [.. Enumerable.Range(1, 6).Reverse().Select(Release)];

    [Fact]
    public void What_most_devices_run_comes_first_then_the_releases_before() =>
        Assert.Equal(
            [(2, DeltaSources.RunningPriority), (1, DeltaSources.RunningPriority), (5, DeltaSources.PreviousPriority), (4, DeltaSources.PreviousPriority)],
            Choose(to: 6, previous: 2, (1, 10), (2, 500)));

    [Fact]
    public void A_release_that_devices_run_is_not_wanted_twice() =>
        Assert.Equal(
            [(5, DeltaSources.RunningPriority), (4, DeltaSources.PreviousPriority)], Choose(to: 6, previous: 2, (5, 1)));

    [Fact]
    public void Devices_that_run_the_new_release_or_one_that_nobody_knows_want_nothing() =>
        Assert.Empty(Choose(to: 6, previous: 0, (6, 9), (77, 9)));

    [Fact]
    public void Devices_may_go_back_but_only_older_releases_count_as_those_before() =>
        Assert.Equal(
            [(6, DeltaSources.RunningPriority), (2, DeltaSources.PreviousPriority), (1, DeltaSources.PreviousPriority)],
            Choose(to: 3, previous: 9, (6, 1)));

    private static IEnumerable<(int, int)> Choose(int to, int previous, params (int Number, long Devices)[] running) =>
        DeltaSources.Choose(
            Release(to), Line, [.. running.Select(one => new RunningRelease(Manifest(one.Number), one.Devices))], previous)
            .Select(source => (Array.FindIndex(Line, release => release.Manifest == source.From), source.Priority))
            .Select(source => (6 - source.Item1, source.Priority));

    private static ReleaseRecord Release(int number) => new(
        "app", "any", $"1.{number}.0", (ulong)number, Manifest(number), 0, 0, DateTimeOffset.UnixEpoch,
        new ReleaseFigures(0, 0, 0, 0, 0, 0, 0, 0), []);

    private static Digest Manifest(int number) => Digest.Of([(byte)number]);
}
