using ChunkOta.Chunking;
using ChunkOta.Server.Core;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Scrubbing;

public class SuspectQueueTests
{
    private readonly ManualTime _clock = new(DateTimeOffset.UnixEpoch);
    private readonly SuspectQueue _suspects;

    public SuspectQueueTests() => _suspects = new SuspectQueue(_clock);

    [Fact]
    public async Task A_release_that_many_devices_complain_of_is_given_out_once()
    {
        var waiting = _suspects.TakeAsync(default);
        for (var i = 0; i < 1000; i++) _suspects.Add(Release(1));

        Assert.Equal(Release(1), await waiting);
        await AssertEmptyAsync();
    }

    [Fact]
    public async Task A_complaint_that_comes_soon_after_the_verification_is_heard_after_the_pause()
    {
        _suspects.Add(Release(1));
        Assert.Equal(Release(1), await _suspects.TakeAsync(default));
        _clock.Advance(TimeSpan.FromMinutes(1));
        _suspects.Add(Release(1));

        var waiting = _suspects.TakeAsync(default);
        Assert.False(waiting.IsCompleted);
        _clock.Advance(SuspectQueue.Pause);

        Assert.Equal(Release(1), await waiting);
    }

    [Fact]
    public async Task A_release_that_waits_for_its_pause_does_not_delay_another()
    {
        _suspects.Add(Release(1));
        Assert.Equal(Release(1), await _suspects.TakeAsync(default));
        _suspects.Add(Release(1));
        _suspects.Add(Release(2));

        Assert.Equal(Release(2), await _suspects.TakeAsync(default));
    }

    [Fact]
    public async Task No_flood_of_complaints_makes_it_remember_more_than_its_limit()
    {
        for (byte i = 0; i < 2 * SuspectQueue.MaxSuspects; i++) _suspects.Add(Release(i));
        for (var i = 0; i < SuspectQueue.MaxSuspects; i++) _ = await _suspects.TakeAsync(default);

        await AssertEmptyAsync();
        _suspects.Add(Release(200));
        await AssertEmptyAsync();

        // What was verified long ago makes room.
        _clock.Advance(SuspectQueue.Pause);
        _suspects.Add(Release(201));
        Assert.Equal(Release(201), await _suspects.TakeAsync(default));
    }

    private async Task AssertEmptyAsync()
    {
        using var end = new CancellationTokenSource();
        var waiting = _suspects.TakeAsync(end.Token);
        Assert.False(waiting.IsCompleted);
        await end.CancelAsync();
        _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static Digest Release(byte number) => Digest.Of([number]);
}
