using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace ChunkOta.Server;

/// <summary>Limits of an address: wrong credentials that are looked up and verified, and lines in the log.</summary>
/// <remarks>
/// Addresses share a fixed number of buckets, chosen by a hash that nobody outside can predict, so memory is bounded
/// whatever the number of addresses. IPv6 addresses count by their /64. Any number of threads at once.
/// </remarks>
internal sealed class CallerLimits : IDisposable
{
    private const int Buckets = 4096;

    /// <summary>A person who mistypes a token stays below it.</summary>
    private static readonly Rate TokenRate = new(20, TimeSpan.FromSeconds(3));

    /// <summary>A thousand devices whose enrolment was removed, behind one address, stay below it; the work of one
    /// address stays below half a per cent of a core.</summary>
    private static readonly Rate SignatureRate = new(200, TimeSpan.FromMilliseconds(50));

    private static readonly Rate LineRate = new(100, TimeSpan.FromSeconds(1));

    private readonly PartitionedRateLimiter<int> _tokens = Create(TokenRate);
    private readonly PartitionedRateLimiter<int> _signatures = Create(SignatureRate);
    private readonly PartitionedRateLimiter<int> _lines = Create(LineRate);
    private readonly int[] _unlogged = new int[Buckets];

    /// <summary>Tells whether an address sent too many wrong credentials of a kind.</summary>
    /// <returns>Null while it may send more; else the time until then.</returns>
    public TimeSpan? FindWait(CredentialKind kind, IPAddress? peer)
    {
        var (limiter, rate) = kind == CredentialKind.Token ? (_tokens, TokenRate) : (_signatures, SignatureRate);
        return limiter.GetStatistics(BucketOf(peer))?.CurrentAvailablePermits < 1 ? rate.Each : null;
    }

    /// <summary>Counts a wrong credential of an address.</summary>
    public void CountWrong(CredentialKind kind, IPAddress? peer)
    {
        var limiter = kind == CredentialKind.Token ? _tokens : _signatures;
        using var _ = limiter.AttemptAcquire(BucketOf(peer));
    }

    /// <summary>Counts a line that an address causes in the log.</summary>
    /// <param name="peer">The caller.</param>
    /// <param name="unlogged">Lines that were left out since the last one.</param>
    /// <returns>False when the line is to be left out.</returns>
    public bool TryLog(IPAddress? peer, out int unlogged)
    {
        var bucket = BucketOf(peer);
        using var lease = _lines.AttemptAcquire(bucket);
        unlogged = lease.IsAcquired
            ? Interlocked.Exchange(ref _unlogged[bucket], 0)
            : Interlocked.Increment(ref _unlogged[bucket]);
        return lease.IsAcquired;
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _signatures.Dispose();
        _lines.Dispose();
    }

    private static int BucketOf(IPAddress? peer)
    {
        var hash = new HashCode();
        Span<byte> bytes = stackalloc byte[16];
        if (peer is { IsIPv4MappedToIPv6: true }) peer = peer.MapToIPv4();
        if (peer is not null && peer.TryWriteBytes(bytes, out var length))
            hash.AddBytes(peer.AddressFamily == AddressFamily.InterNetworkV6 ? bytes[..8] : bytes[..length]);
        return (int)((uint)hash.ToHashCode() % Buckets);
    }

    private static PartitionedRateLimiter<int> Create(Rate rate) =>
        PartitionedRateLimiter.Create<int, int>(bucket => RateLimitPartition.GetTokenBucketLimiter(
            bucket, _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = rate.Burst,
                TokensPerPeriod = 1,
                ReplenishmentPeriod = rate.Each,
                QueueLimit = 0,
            }));

    /// <param name="Burst">At once, after a pause.</param>
    /// <param name="Each">The time after which one more is allowed.</param>
    private readonly record struct Rate(int Burst, TimeSpan Each);
}
