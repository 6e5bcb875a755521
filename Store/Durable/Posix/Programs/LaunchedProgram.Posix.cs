namespace ChunkOta.Durable;

/// <content>The calls of POSIX.</content>
public sealed partial class LaunchedProgram
{
    public partial void Signal(int signal)
    {
        // Once it has ended, its number may be another process'.
        if (!Ended.IsCompleted)
            _ = Libc.Kill(_process, signal);
    }
}
