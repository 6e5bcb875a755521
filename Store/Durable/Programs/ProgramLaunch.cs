using System.Diagnostics.CodeAnalysis;

namespace ChunkOta.Durable;

/// <summary>An order to start a program with this process' terminal, streams and process group.</summary>
/// <param name="Path">The absolute path of the program.</param>
/// <param name="Arguments">Its arguments, from the name that it is called by on.</param>
/// <param name="Environment">Its environment, as <c>NAME=value</c>.</param>
public sealed record LaunchOrder(
    string Path, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment);

/// <summary>Starts programs in this process' place.</summary>
public static partial class ProgramLaunch
{
    /// <summary>Replaces this process by a program; returns only by throwing.</summary>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: it cannot be started.</exception>
    [DoesNotReturn]
    public static partial void Replace(LaunchOrder order);

    /// <summary>Starts a program as a child, beside this process.</summary>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: it cannot be started.</exception>
    public static partial LaunchedProgram Start(LaunchOrder order);

    /// <summary>Tells whether standard input is a terminal: it sends its signals to every program that is started from
    /// it.</summary>
    public static partial bool HasTerminal();
}
