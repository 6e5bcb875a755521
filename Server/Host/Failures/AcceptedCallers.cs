using System.Security.Cryptography;
using System.Text;

namespace ChunkOta.Server;

/// <summary>Remembers whose credentials were accepted lately.</summary>
/// <remarks>
/// Two generations, as in the cache of nonces: the older one is dropped as a whole when the younger one is full or an
/// hour old, so memory is bounded and no entry is searched for its age. Only digests are kept. Any number of threads at
/// once.
/// </remarks>
/// <param name="clock">Ages the generations.</param>
/// <param name="capacity">Callers that a generation remembers.</param>
internal sealed class AcceptedCallers(TimeProvider clock, int capacity = 65_536)
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private HashSet<UInt128> _young = [];
    private HashSet<UInt128> _old = [];
    private long _youngSince = clock.GetTimestamp();

    /// <summary>Remembers a caller.</summary>
    /// <param name="name">A whole token, or the id of a device.</param>
    public void Add(string name)
    {
        var key = KeyOf(name);
        lock (_gate)
        {
            Age();
            if (_young.Count >= capacity) Turn();
            _young.Add(key);
        }
    }

    /// <summary>Forgets a caller whose credentials were wrong.</summary>
    public void Remove(string name)
    {
        var key = KeyOf(name);
        lock (_gate)
        {
            _young.Remove(key);
            _old.Remove(key);
        }
    }

    /// <summary>Tells whether a caller was accepted in the last hour.</summary>
    public bool Has(string name)
    {
        var key = KeyOf(name);
        lock (_gate)
        {
            Age();
            return _young.Contains(key) || _old.Contains(key);
        }
    }

    private void Age()
    {
        var age = clock.GetElapsedTime(_youngSince);
        if (age >= Life) Turn();
        if (age >= 2 * Life) _old = [];
    }

    private void Turn()
    {
        _old = _young;
        _young = [];
        _youngSince = clock.GetTimestamp();
    }

    private static UInt128 KeyOf(string name)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), digest);
        return new UInt128(BitConverter.ToUInt64(digest), BitConverter.ToUInt64(digest[8..]));
    }
}
