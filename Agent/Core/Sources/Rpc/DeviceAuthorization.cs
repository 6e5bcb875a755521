using ChunkOta.Client;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Signs each call as this device; signs nothing before the device is enrolled.</summary>
/// <param name="key">The device's key; the caller's.</param>
/// <param name="clock">Dates the signatures.</param>
internal sealed class DeviceAuthorization(SigningKey key, TimeProvider clock) : ICallAuthorization
{
    /// <summary>The id that the server gave this device; null until it is enrolled.</summary>
    public string? DeviceId { get; set; }

    /// <summary>A correction of the clock for signatures alone: the answer to <c>CLOCK_SKEW</c>.</summary>
    public TimeSpan Correction { get; private set; }

    /// <summary>Signs by the server's clock from now on.</summary>
    /// <param name="refusal">The server's answer to a signature of another time.</param>
    /// <returns>True when that makes a difference, so the call is worth repeating once.</returns>
    public bool Follow(ClockSkewException refusal)
    {
        if (refusal.ServerTime is not { } time)
            return false;
        var correction = time - clock.GetUtcNow();
        if ((correction - Correction).Duration() < DeviceCall.ClockWindow / 2)
            return false;
        Correction = correction;
        return true;
    }

    /// <inheritdoc/>
    public (string Name, string Value)? HeaderFor(string method, string authority)
    {
        if (DeviceId is not { } id)
            return null;
        var now = clock.GetUtcNow() + Correction;
        return (DeviceCall.HeaderName, DeviceCall.Sign(key, id, method, authority, now));
    }
}
