using System.Buffers.Binary;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Accepts each signed device call once, on whichever server of the catalogue it arrives.</summary>
/// <param name="cache">Remembers the calls that this server accepted.</param>
/// <param name="shared">Remembers the calls that any server of the catalogue accepted; null when this server is the
/// only one.</param>
/// <param name="clock">The time of day.</param>
/// <param name="life">The time after which a call's own time stamp refuses it; clocks of servers may differ by as
/// much.</param>
internal sealed class SignedCalls(ReplayCache cache, IDeviceCatalogue? shared, TimeProvider clock, TimeSpan life)
{
    /// <summary>Accepts a call; false when it was made before.</summary>
    /// <exception cref="ChunkOtaException">BUSY: too many calls to remember. STORE_UNAVAILABLE: no call is accepted
    /// without being remembered.</exception>
    public async ValueTask<bool> TryAcceptAsync(
        string deviceId, ReadOnlyMemory<byte> nonce, CancellationToken cancellationToken)
    {
        var name = ReplayCache.KeyOf(deviceId, nonce.Span);
        if (!cache.TryRemember(name))
            return false;
        if (shared is null)
            return true;
        var call = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(call, name);
        return await shared.RememberCallAsync(call, clock.GetUtcNow() + (2 * life), cancellationToken);
    }
}
