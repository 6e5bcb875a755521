using System.Security.Cryptography;
using System.Text;

namespace ChunkOta.Server.Core;

/// <summary>Remembers signed device calls, so that each is accepted once.</summary>
/// <remarks>
/// Two generations: the older one is dropped as a whole, so no entry is ever searched for its age. A nonce is
/// remembered for one to two lives. A life is longer than the period in which a call's own time stamp is accepted, so a
/// forgotten nonce cannot be used again. Safe for any number of callers at once.
/// </remarks>
/// <param name="clock">Ages the generations.</param>
/// <param name="life">Time after which a generation is replaced.</param>
/// <param name="capacity">Calls that are remembered at most.</param>
internal sealed class ReplayCache(TimeProvider clock, TimeSpan life, int capacity)
{
    private readonly Lock _gate = new();
    private HashSet<UInt128> _young = [];
    private HashSet<UInt128> _old = [];
    private long _youngSince = clock.GetTimestamp();

    /// <summary>Remembers a call; false when it was made before.</summary>
    /// <param name="key">Of <see cref="KeyOf"/>.</param>
    /// <exception cref="ChunkOtaException">BUSY: the cache is full; no call is accepted without being
    /// remembered.</exception>
    public bool TryRemember(UInt128 key)
    {
        lock (_gate)
        {
            var age = clock.GetElapsedTime(_youngSince);
            if (age >= life)
            {
                _old = age >= 2 * life ? [] : _young;
                _young = [];
                _youngSince = clock.GetTimestamp();
            }

            if (_old.Contains(key) || _young.Contains(key)) return false;
            if (_young.Count + _old.Count >= capacity)
                throw new ChunkOtaException(
                    ErrorCodes.Busy, "too many device calls at once: try again in a few minutes");
            return _young.Add(key);
        }
    }

    /// <summary>Device and nonce in 16 bytes of a digest, for which nobody can find a collision.</summary>
    /// <param name="deviceId">The device that signed a call.</param>
    /// <param name="nonce">The nonce that it signed.</param>
    public static UInt128 KeyOf(string deviceId, ReadOnlySpan<byte> nonce)
    {
        Span<byte> text = stackalloc byte[Encoding.UTF8.GetMaxByteCount(deviceId.Length) + nonce.Length];
        nonce.CopyTo(text);
        var length = nonce.Length + Encoding.UTF8.GetBytes(deviceId, text[nonce.Length..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], digest);
        return new UInt128(BitConverter.ToUInt64(digest), BitConverter.ToUInt64(digest[8..]));
    }
}
