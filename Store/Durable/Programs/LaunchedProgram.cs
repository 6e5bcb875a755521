namespace ChunkOta.Durable;

/// <summary>A program that was started as a child.</summary>
public sealed partial class LaunchedProgram
{
    private readonly int _process;

    internal LaunchedProgram(int process, Task<int> ended) => (_process, Ended) = (process, ended);

    /// <summary>Ends with the program: its exit code, or 128 and the signal's number if a signal ended it.</summary>
    public Task<int> Ended { get; }

    /// <summary>Sends a signal to the program; one that has ended gets none.</summary>
    /// <param name="signal">The signal's number.</param>
    public partial void Signal(int signal);
}
