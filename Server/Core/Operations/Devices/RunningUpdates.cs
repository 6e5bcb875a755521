namespace ChunkOta.Server.Core;

/// <summary>The progress of one update, as its device says.</summary>
/// <param name="Stage">A value of the protocol's UpdateStage.</param>
/// <param name="Cause">Why it waits: a value of the protocol's FailureCause; 0 when it does not.</param>
/// <param name="BytesPerSecond">Its rate; 0 when not known.</param>
public readonly record struct UpdateStep(int Stage, int Cause, ulong BytesPerSecond);

/// <summary>The figures of the updates that run now.</summary>
/// <param name="Devices">Devices that update.</param>
/// <param name="Waiting">Of these, devices that wait for something.</param>
/// <param name="BytesPerSecond">The sum of their rates.</param>
public readonly record struct RunningFigures(int Devices, int Waiting, ulong BytesPerSecond);

/// <summary>The updates that run now, in memory alone: each device's newest word counts for a minute.</summary>
/// <remarks>A device that says more than one word a second is not listened to more often. Any number of callers at
/// once.</remarks>
/// <param name="clock">Ages the words.</param>
internal sealed class RunningUpdates(TimeProvider clock)
{
    private const int MaxDevices = 100_000;

    /// <summary>No device adds more to the sum of rates: it can claim any number.</summary>
    private const ulong MaxBytesPerSecond = 100_000_000_000;

    private static readonly TimeSpan Life = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (UpdateStep Step, long Time)> _latest = [];

    /// <summary>Notes the progress of a device's update.</summary>
    public void Note(string deviceId, UpdateStep step)
    {
        lock (_lock)
        {
            var now = clock.GetTimestamp();
            if (_latest.TryGetValue(deviceId, out var last) && clock.GetElapsedTime(last.Time, now) < Pause)
                return;
            if (_latest.Count >= MaxDevices)
                DropOld(now);
            if (_latest.Count < MaxDevices)
                _latest[deviceId] = (step, now);
        }
    }

    /// <summary>Notes that a device's update has ended.</summary>
    public void End(string deviceId)
    {
        lock (_lock)
            _latest.Remove(deviceId);
    }

    /// <summary>Adds up what runs now.</summary>
    public RunningFigures Read()
    {
        lock (_lock)
        {
            DropOld(clock.GetTimestamp());
            var (waiting, rate) = (0, 0ul);
            foreach (var (step, _) in _latest.Values)
            {
                waiting += step.Cause == 0 ? 0 : 1;
                rate += Math.Min(step.BytesPerSecond, MaxBytesPerSecond);
            }
            return new RunningFigures(_latest.Count, waiting, rate);
        }
    }

    private void DropOld(long now)
    {
        foreach (var (device, (_, time)) in _latest)
        {
            if (clock.GetElapsedTime(time, now) > Life)
                _latest.Remove(device);
        }
    }
}
