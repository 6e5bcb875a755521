using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Model.Backends;

/// <summary>Chooses faults at random: of twenty requests to an S3 service one or two go wrong, every second list is
/// old, and storms of refusals come and go.</summary>
internal sealed class BadWeather(int seed)
{
    private static readonly S3Fault[] Single =
    [
        S3Fault.LostAnswer, S3Fault.LostAnswer, S3Fault.Twice, S3Fault.Late, S3Fault.Refused, S3Fault.CutRequest,
        S3Fault.CutAnswer, S3Fault.FlippedBit,
    ];

    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private bool _isClear;
    private long _stormEnds;

    public S3Fault FaultOf(S3Request request)
    {
        lock (_lock)
        {
            if (_isClear) return S3Fault.None;
            var now = Environment.TickCount64;
            if (_random.Next(1000) == 0) _stormEnds = now + _random.Next(1500);
            if (now < _stormEnds) return S3Fault.SlowDown;
            if (request.IsList && _random.Next(2) == 0) return S3Fault.OldAnswer;
            if (_random.Next(100) >= 6) return S3Fault.None;
            var fault = Single[_random.Next(Single.Length)];
            // A late deletion comes before the lease of its collection is over, but the model's clock jumps.
            return fault == S3Fault.Late && !request.IsPut ? S3Fault.LostAnswer : fault;
        }
    }

    /// <summary>From now on every request passes.</summary>
    public void Clear()
    {
        lock (_lock) _isClear = true;
    }
}
