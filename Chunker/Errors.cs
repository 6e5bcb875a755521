namespace ChunkOta;

/// <summary>
/// The base of all failures that this product raises itself: what failed, which thing, what to do next.
/// </summary>
/// <remarks>
/// <see cref="Code"/> is stable and part of the contract (<c>docs/errors.md</c> lists all): scripts may depend on it,
/// the message is for people. One map turns codes into exit codes, one into gRPC statuses.
/// </remarks>
public class ChunkOtaException : Exception
{
    /// <summary>Makes a failure with its stable code.</summary>
    /// <param name="code">Upper snake case, such as <c>SIG_INVALID</c>.</param>
    /// <param name="message">One line: what failed, which thing, what to do next.</param>
    /// <param name="innerException">The exception that caused it, if any.</param>
    public ChunkOtaException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>The stable code, upper snake case.</summary>
    public string Code { get; }

    /// <summary>The remedy for this one failure, such as the exact command; null for the remedy of its
    /// code.</summary>
    public string? Hint { get; init; }

    /// <summary>The cause, where the place that failed knows it better than the code says; else null.</summary>
    public FailureCause? Cause { get; init; }
}

/// <summary>Stored bytes that are not a chunk frame: damaged, cut short, or of an unsupported version.</summary>
/// <param name="message">One line: what is wrong with the frame.</param>
/// <param name="innerException">The exception that caused it, if any.</param>
public sealed class FrameInvalidException(string message, Exception? innerException = null)
    : ChunkOtaException(ErrorCodes.FrameInvalid, message, innerException);

/// <summary>Compressed bytes that need more memory than the reader allows.</summary>
/// <param name="message">One line: the limit, and what exceeded it.</param>
/// <param name="innerException">The exception that caused it, if any.</param>
public sealed class DecompressLimitException(string message, Exception? innerException = null)
    : ChunkOtaException(ErrorCodes.DecompressLimit, message, innerException);

/// <summary>
/// A delta that is damaged, malicious or made for other releases; files are fetched as chunks instead.
/// </summary>
/// <param name="message">What is wrong with the delta.</param>
/// <param name="innerException">The exception that caused it, if any.</param>
public sealed class DeltaBadException(string message, Exception? innerException = null)
    : ChunkOtaException(
        ErrorCodes.DeltaBad, $"the delta cannot be used: {message}: fetch the files as chunks", innerException);
