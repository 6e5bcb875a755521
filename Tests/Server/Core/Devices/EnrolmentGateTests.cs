using ChunkOta.Protos;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Enrolments;

public sealed class EnrolmentGateTests
{
    private const int AtOnce = 16;

    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly TaskCompletionSource<DeviceRecord> _written = new();
    private int _writing;

    [Fact]
    public async Task Devices_beyond_the_first_sixteen_wait_for_their_turn()
    {
        var gate = new EnrolmentGate(_time);
        var enrolments = Enumerable.Range(0, 100).Select(device => EnrolAsync(gate, device)).ToList();

        Assert.Equal(AtOnce, _writing);
        _written.SetResult(null!);

        await Task.WhenAll(enrolments);
        Assert.Equal(100, _writing);
    }

    [Fact]
    public async Task A_device_that_waits_for_too_long_is_told_when_to_come_back()
    {
        var gate = new EnrolmentGate(_time);
        var enrolments = Enumerable.Range(0, AtOnce + 1).Select(device => EnrolAsync(gate, device)).ToList();

        _time.Advance(SendingGate.Patience);

        var refusal = await Assert.ThrowsAsync<RetryLaterException>(() => enrolments[AtOnce]);
        Assert.Equal(ErrorCodes.Throttled, refusal.Code);
        Assert.InRange(refusal.RetryAfter, SendingGate.Patience / 2, SendingGate.Patience * 1.5);
        _written.SetResult(null!);
        await Task.WhenAll(enrolments[..AtOnce]);
        await EnrolAsync(gate, AtOnce);
    }

    [Fact]
    public async Task An_enrolment_that_fails_gives_its_turn_back()
    {
        var gate = new EnrolmentGate(_time);
        for (var time = 0; time < 2 * AtOnce; time++)
        {
            await Assert.ThrowsAsync<ChunkOtaException>(() => gate.RunAsync(
                new byte[] { 1 }, () => throw new ChunkOtaException(ErrorCodes.TokenInvalid, "used up"), default));
        }
    }

    private Task<DeviceRecord> EnrolAsync(EnrolmentGate gate, int device) => gate.RunAsync(
        BitConverter.GetBytes(device),
        () =>
        {
            _writing++;
            return _written.Task;
        },
        CancellationToken.None);
}
