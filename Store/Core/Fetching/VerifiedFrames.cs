using System.Diagnostics;

namespace ChunkOta.Storage;

/// <summary>Remembers which stored frames were verified lately, so that a frame that many devices want is verified
/// once.</summary>
/// <remarks>
/// Of a fixed size: a frame may be forgotten, and is verified again then. That two frames share a fingerprint costs one
/// of them its verification, at odds of one to billions; the device verifies it all the same. Any number of threads at
/// once.
/// </remarks>
internal sealed class VerifiedFrames
{
    private const int Slots = 1 << 16;

    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly ulong[] _fingerprints = new ulong[Slots];
    private readonly long[] _times = new long[Slots];
    private DamageStamp _stamp;

    /// <summary>Forgets all frames if something was marked since the last call: rot may have come after they were
    /// verified, and a device has met it.</summary>
    public void ForgetBefore(DamageStamp stamp)
    {
        lock (_gate)
        {
            if (stamp == _stamp) return;
            _stamp = stamp;
            Array.Clear(_fingerprints);
        }
    }

    /// <summary>Tells whether the wanted chunks of a frame were verified in the last hour.</summary>
    public bool Has(WholeFrame frame)
    {
        var fingerprint = FingerprintOf(frame);
        var slot = fingerprint % Slots;
        lock (_gate)
            return _fingerprints[slot] == fingerprint && Stopwatch.GetElapsedTime(_times[slot]) < Life;
    }

    /// <summary>Remembers that they were.</summary>
    public void Add(WholeFrame frame)
    {
        var fingerprint = FingerprintOf(frame);
        var slot = fingerprint % Slots;
        lock (_gate) (_fingerprints[slot], _times[slot]) = (fingerprint, Stopwatch.GetTimestamp());
    }

    /// <summary>FNV-1a over the frame's location, and the offsets and digests of its wanted chunks: the same stored
    /// name stands for another digest in another domain.</summary>
    private static ulong FingerprintOf(WholeFrame frame)
    {
        var fingerprint = Mix(14_695_981_039_346_656_037, frame.Frame.Pack.GetHashCode());
        fingerprint = Mix(fingerprint, frame.Frame.Offset);
        foreach (var chunk in frame.Chunks)
            fingerprint = Mix(Mix(fingerprint, chunk.Location.PlainOffset), chunk.Hash.GetHashCode());
        return fingerprint;
    }

    private static ulong Mix(ulong fingerprint, int value) => (fingerprint ^ (uint)value) * 1_099_511_628_211;
}
