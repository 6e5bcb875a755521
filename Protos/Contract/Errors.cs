namespace ChunkOta.Protos;

/// <summary>A document without the signatures it needs: nothing in it can be trusted.</summary>
/// <param name="code">SIG_INVALID, THRESHOLD or TOO_MANY_SIGS.</param>
/// <param name="message">One line: which document, which role, what is wrong.</param>
public sealed class SignatureRejectedException(string code, string message) : ChunkOtaException(code, message);

/// <summary>A manifest or recipe, or an entry, path or link of one, that breaks a rule of the format.</summary>
/// <param name="code">MANIFEST_INVALID, TOO_LARGE, TYPE_UNKNOWN or one of PATH_… and LINK_….</param>
/// <param name="message">One line: which entry, which rule.</param>
/// <param name="innerException">The cause, if another exception is it.</param>
public sealed class ManifestInvalidException(string code, string message, Exception? innerException = null)
    : ChunkOtaException(code, message, innerException);

/// <summary>The server's clock and this device's are too far apart for signed calls.</summary>
/// <param name="message">One line.</param>
/// <param name="serverTime">The server's clock, or null when it did not say; good for this one call alone.</param>
public sealed class ClockSkewException(string message, DateTimeOffset? serverTime)
    : ChunkOtaException(ErrorCodes.ClockSkew, message)
{
    /// <summary>The server's clock, or null when it did not say.</summary>
    public DateTimeOffset? ServerTime { get; } = serverTime;
}

/// <summary>The server refuses a call for now, and says when to make it again.</summary>
/// <param name="code">THROTTLED or RATE_LIMITED.</param>
/// <param name="message">One line.</param>
/// <param name="retryAfter">The time to wait; positive.</param>
/// <param name="innerException">The cause, if another exception is it.</param>
public class RetryLaterException(
    string code, string message, TimeSpan retryAfter, Exception? innerException = null)
    : ChunkOtaException(code, message, innerException)
{
    /// <summary>The time to wait before the next call.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
