namespace ChunkOta;

/// <summary>The root of every failure this product raises itself: what failed, which thing, what to do next.</summary>
/// <remarks>
/// <see cref="Code"/> is stable and part of the contract (<c>docs/cli.md</c> lists all): scripts may depend on it,
/// the message is for people. One map turns codes into exit codes, one into gRPC statuses.
/// </remarks>
public class ChunkOtaException : Exception
{
    /// <summary>Makes a failure with its stable code.</summary>
    /// <param name="code">Upper snake case, such as <c>SIG_INVALID</c>.</param>
    /// <param name="message">One line: what failed, which thing, what to do next.</param>
    /// <param name="innerException">The cause, if another exception is it.</param>
    public ChunkOtaException(string code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>The stable code, upper snake case.</summary>
    public string Code { get; }
}
