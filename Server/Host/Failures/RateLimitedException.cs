using ChunkOta.Protos;

namespace ChunkOta.Server;

/// <summary>An address sent too many wrong tokens or signatures.</summary>
/// <param name="retryAfter">Time until it is answered again.</param>
internal sealed class RateLimitedException(TimeSpan retryAfter) : RetryLaterException(
    ErrorCodes.RateLimited,
    "too many wrong tokens or signatures from this address: check the token or the enrolment, and try again in "
        + $"{Math.Ceiling(retryAfter.TotalSeconds)} s",
    retryAfter);
