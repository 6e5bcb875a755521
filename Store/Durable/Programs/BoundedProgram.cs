namespace ChunkOta.Durable;

/// <summary>A program to run within limits.</summary>
/// <param name="Command">The program's absolute path and its arguments; no shell is involved.</param>
/// <param name="Environment">All of its environment, as <c>NAME=value</c>.</param>
/// <param name="Limit">How long it may take.</param>
/// <param name="Changes">The file that the program changes for this one, so that starting it is a fault point like a
/// write of that file; null for none.</param>
public sealed record ProgramOrder(
    IReadOnlyList<string> Command, IReadOnlyList<string> Environment, TimeSpan Limit, string? Changes = null);

/// <summary>The end of a program.</summary>
/// <param name="ExitCode">What it exited with; 128 and the signal's number if a signal ended it.</param>
/// <param name="IsTimedOut">True when it was ended because it took too long.</param>
/// <param name="Output">The end of what it wrote to standard output and standard error, at most
/// <see cref="BoundedProgram.MaxOutputBytes"/>.</param>
public sealed record ProgramOutcome(int ExitCode, bool IsTimedOut, string Output);

/// <summary>Runs programs of others, of which nothing is expected: they may hang, fork, or write without
/// end.</summary>
/// <remarks>A program gets a process group of its own, no standard input, and only the environment that is given. The
/// whole group is killed when the program has ended or its time is up; programs that leave the group are out of
/// reach.</remarks>
public static partial class BoundedProgram
{
    /// <summary>The most output that is kept, bytes: the end of it.</summary>
    public const int MaxOutputBytes = 64 * 1024;

    /// <summary>Runs a program and waits for its end.</summary>
    /// <param name="order">The program.</param>
    /// <param name="clock">Measures the limit.</param>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: it cannot be started.</exception>
    /// <exception cref="OperationCanceledException">The group was killed.</exception>
    public static partial ProgramOutcome Run(
        ProgramOrder order, TimeProvider clock, CancellationToken cancellationToken);
}
