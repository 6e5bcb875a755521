using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Admits devices that enrol, a few at once: a fleet that is set up at one moment neither fails nor keeps
/// publishers from the catalogue.</summary>
/// <remarks>A device that would wait for longer than it is patient is refused with the time to come back, as
/// <see cref="SendingGate"/> does it. Reports need no permit: a device gives them up after five seconds.</remarks>
/// <param name="clock">Ends waits.</param>
internal sealed class EnrolmentGate(TimeProvider clock)
{
    /// <summary>As many as an engine writes at once, and some that stand ready.</summary>
    private const int AtOnce = 16;

    private readonly FairGate _gate = new(AtOnce, perCaller: 1, clock);

    /// <summary>Waits for a turn and enrols.</summary>
    /// <param name="key">The device's public key; one with several calls gets one turn after the other.</param>
    /// <param name="enrol">Enrols, in one transaction.</param>
    /// <exception cref="RetryLaterException">THROTTLED: too many wait.</exception>
    public async Task<DeviceRecord> RunAsync(
        ReadOnlyMemory<byte> key, Func<Task<DeviceRecord>> enrol, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(enrol);
        var caller = Convert.ToHexStringLower(key.Span);
        if (!await _gate.TryEnterAsync(caller, SendingGate.Patience, cancellationToken))
        {
            // Devices that are refused together do not come back together.
            var wait = SendingGate.Patience * (0.5 + Random.Shared.NextDouble());
            throw new RetryLaterException(
                ErrorCodes.Throttled,
                $"too many devices enrol at present: ask again in {Math.Ceiling(wait.TotalSeconds)} s", wait);
        }

        try
        {
            return await enrol();
        }
        finally
        {
            _gate.Release(caller);
        }
    }
}
