using System.Security.Cryptography;
using System.Text;

namespace ChunkOta.Server;

/// <summary>Remembers which signed device calls were made, so that each is taken once.</summary>
/// <remarks>
/// Two generations: what is older than a generation's life is forgotten whole, so nothing is ever searched for age.
/// A nonce is remembered for one to two lives; a life is longer than the time during which a call's own time stamp is
/// taken, so a forgotten nonce cannot be used again. Safe for any number of callers at once.
/// </remarks>
internal sealed class ReplayCache(TimeProvider clock, TimeSpan life, int capacity)
{
    private readonly Lock _gate = new();
    private HashSet<UInt128> _young = [];
    private HashSet<UInt128> _old = [];
    private long _youngSince = clock.GetTimestamp();

    /// <summary>Remembers a call. False: it was made before.</summary>
    /// <exception cref="ChunkOtaException">BUSY: more calls than can
    /// be remembered; none is taken unremembered.</exception>
    public bool TryRemember(string deviceId, ReadOnlySpan<byte> nonce)
    {
        var key = KeyOf(deviceId, nonce);
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
                    ErrorCodes.Busy, "Too many device calls at once; try again in some minutes");
            return _young.Add(key);
        }
    }

    /// <summary>Device and nonce in 16 bytes: no one can find two that collide.</summary>
    private static UInt128 KeyOf(string deviceId, ReadOnlySpan<byte> nonce)
    {
        Span<byte> text = stackalloc byte[Encoding.UTF8.GetMaxByteCount(deviceId.Length) + nonce.Length];
        nonce.CopyTo(text);
        var length = nonce.Length + Encoding.UTF8.GetBytes(deviceId, text[nonce.Length..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], digest);
        return new UInt128(BitConverter.ToUInt64(digest), BitConverter.ToUInt64(digest[8..]));
    }
}
