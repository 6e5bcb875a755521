using System.Threading.Channels;
using ChunkOta.Protos;
using ChunkOta.Server.Core;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Uploads;

public sealed class UploadGateTests
{
    private static readonly Caller Ci = new(CallerRole.Publisher, "ci", "app");
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task A_caller_with_too_many_uploads_is_told_when_to_come_back_and_others_are_not_affected()
    {
        var gate = Gate(streams: 2);
        using var first = await gate.EnterAsync(Ci, default);
        var second = await gate.EnterAsync(Ci, default);
        var third = gate.EnterAsync(Ci, default).AsTask();
        using var other = await gate.EnterAsync(Ci with { Id = "other" }, default);

        second.Dispose();
        using var admitted = await third;
        var fourth = gate.EnterAsync(Ci, default).AsTask();
        await AdvanceUntilAsync(fourth);

        var refusal = await Assert.ThrowsAsync<RetryLaterException>(() => fourth);
        Assert.Equal(ErrorCodes.Throttled, refusal.Code);
        Assert.Equal(TimeSpan.FromSeconds(60), refusal.RetryAfter);
    }

    [Fact]
    public async Task An_idle_upload_gives_way_and_then_ends()
    {
        using var upload = await Gate().EnterAsync(Ci, default);
        var messages = Channel.CreateUnbounded<int>();
        messages.Writer.TryWrite(1);
        var (looks, received) = (0, 0);

        var reading = ReadAsync(upload, messages, () => looks++, _ => received++);
        await AdvanceUntilAsync(reading);

        var failure = await Assert.ThrowsAsync<ChunkOtaException>(() => reading);
        Assert.Equal(ErrorCodes.TimedOut, failure.Code);
        Assert.Equal(1, received);
        Assert.InRange(looks, 59, 61);
    }

    [Fact]
    public async Task An_upload_that_goes_on_is_read_to_its_end()
    {
        using var upload = await Gate().EnterAsync(Ci, default);
        var messages = Channel.CreateUnbounded<int>();
        var received = 0;
        var reading = ReadAsync(upload, messages, () => { }, _ => received++);

        for (var i = 0; i < 10; i++)
        {
            for (var second = 0; second < 50; second++) _time.Advance(TimeSpan.FromSeconds(1));
            messages.Writer.TryWrite(100_000);
            await Eventually.Async("the next step", () => received == i + 1);
        }

        messages.Writer.Complete();
        await reading;
        Assert.Equal(10, received);
    }

    [Fact]
    public async Task The_rate_of_a_caller_is_bounded_over_all_its_uploads()
    {
        var gate = new UploadGate(new UploadLimits(8, 1000, TimeSpan.FromSeconds(60)), _time);
        using var upload = await gate.EnterAsync(Ci, default);
        var messages = Channel.CreateUnbounded<int>();
        for (var i = 0; i < 4; i++) messages.Writer.TryWrite(1000);
        messages.Writer.Complete();
        var received = 0;

        var reading = ReadAsync(upload, messages, () => { }, _ => received++);

        await Eventually.Async("the next step", () => received == 3);
        Assert.False(reading.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.Async("the next step", () => received == 4);
    }

    private UploadGate Gate(int streams = 8) => new(new UploadLimits(streams, 0, TimeSpan.FromSeconds(60)), _time);

    private static async Task ReadAsync(
        Upload upload, Channel<int> messages, Action look, Action<int> receive)
    {
        var reading = upload.ReadAsync(
            messages.Reader.ReadAllAsync(), bytes => bytes,
            () =>
            {
                look();
                return Task.CompletedTask;
            },
            default);
        await foreach (var message in reading) receive(message);
    }

    /// <summary>Moves the clock second by second, and lets what waits for it run.</summary>
    private async Task AdvanceUntilAsync(Task task)
    {
        for (var second = 0; second < 300 && !task.IsCompleted; second++)
        {
            await Eventually.Async("the next step", () => _time.ArmedTimers > 0 || task.IsCompleted);
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
