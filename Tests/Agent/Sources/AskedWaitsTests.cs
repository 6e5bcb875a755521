using ChunkOta.Agent;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Sources;

/// <summary>Servers that ask a device to come back later, in the calls and in the transfers of a run.</summary>
public sealed class AskedWaitsTests
{
    private readonly JumpingTime _time = new();
    private readonly List<string> _notes = [];
    private readonly RunMonitor _monitor;
    private int _left = 3;
    private int _calls;

    public AskedWaitsTests() => _monitor = new RunMonitor(_time, new Notes(_notes));

    [Fact]
    public async Task A_transfer_waits_as_often_as_it_is_asked_to_and_says_so_once()
    {
        await TransferAsync(TimeSpan.FromSeconds(60), refusals: 8);

        Assert.Equal(0, _left);
        Assert.InRange(_time.Elapsed, TimeSpan.FromSeconds(8 * 60), TimeSpan.FromSeconds(8 * 75));
        Assert.Equal(["busy: trying again"], _notes);
    }

    [Fact]
    public async Task A_transfer_that_brings_something_may_be_asked_for_hours()
    {
        _left = 30;

        await new PersistentTransfer(_monitor).RunAsync(
            () => _left,
            _ =>
            {
                _left--;
                throw Later(TimeSpan.FromMinutes(5));
            },
            () => new ChunkOtaException(ErrorCodes.ChunkMissing, "nothing"),
            CancellationToken.None);

        Assert.True(_time.Elapsed >= TimeSpan.FromMinutes(30 * 5));
    }

    [Fact]
    public async Task A_transfer_that_is_asked_for_more_than_five_minutes_ends_at_once()
    {
        var failure = await Assert.ThrowsAsync<RetryLaterException>(
            () => TransferAsync(TimeSpan.FromSeconds(301), refusals: 1));

        Assert.Equal((TimeSpan.FromSeconds(301), 1, TimeSpan.Zero), (failure.RetryAfter, _calls, _time.Elapsed));
    }

    [Fact]
    public async Task Half_an_hour_of_waits_that_brings_nothing_ends_a_transfer()
    {
        await Assert.ThrowsAsync<RetryLaterException>(
            () => TransferAsync(TimeSpan.FromMinutes(5), refusals: int.MaxValue));

        Assert.InRange(_time.Elapsed, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(36));
    }

    [Fact]
    public async Task Waits_between_failures_are_not_counted_as_failures()
    {
        await new PersistentTransfer(_monitor).RunAsync(
            () => _left,
            _ => _calls++ switch
            {
                < 4 => throw new ChunkOtaException(ErrorCodes.ServerUnavailable, "lost"),
                < 12 => throw Later(TimeSpan.FromSeconds(20)),
                _ => Finish(),
            },
            () => new ChunkOtaException(ErrorCodes.ChunkMissing, "nothing"),
            CancellationToken.None);

        Assert.Equal((0, 13), (_left, _calls));
    }

    [Fact]
    public async Task The_first_call_of_a_run_waits_too()
    {
        var answer = await new PatientCall(_monitor).RunAsync(
            () => _calls++ < 7 ? throw Later(TimeSpan.FromSeconds(30)) : Task.FromResult("answer"),
            CancellationToken.None);

        Assert.Equal("answer", answer);
        Assert.InRange(_time.Elapsed, TimeSpan.FromSeconds(7 * 30), TimeSpan.FromSeconds(7 * 37.5));
    }

    [Fact]
    public async Task The_first_call_of_a_run_does_not_wait_for_longer_than_five_minutes()
    {
        await Assert.ThrowsAsync<RetryLaterException>(() => new PatientCall(_monitor).RunAsync<string>(
            () => throw Later(TimeSpan.FromMinutes(6)), CancellationToken.None));

        Assert.Equal(TimeSpan.Zero, _time.Elapsed);
    }

    private Task TransferAsync(TimeSpan asked, int refusals) => new PersistentTransfer(_monitor).RunAsync(
        () => _left,
        _ => _calls++ < refusals ? throw Later(asked) : Finish(),
        () => new ChunkOtaException(ErrorCodes.ChunkMissing, "nothing"),
        CancellationToken.None);

    private Task Finish()
    {
        _left = 0;
        return Task.CompletedTask;
    }

    private static RetryLaterException Later(TimeSpan wait) => new(ErrorCodes.Throttled, "busy", wait);

    private sealed class Notes(List<string> list) : IProgress<UpdateProgress>
    {
        public void Report(UpdateProgress value)
        {
            if (value.Note is { } note)
                list.Add(note);
        }
    }
}
