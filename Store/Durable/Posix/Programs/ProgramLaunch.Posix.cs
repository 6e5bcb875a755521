namespace ChunkOta.Durable;

/// <content>The calls of POSIX.</content>
public static partial class ProgramLaunch
{
    public static partial void Replace(LaunchOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        throw Spawn.Replace(order.Path, order.Arguments, order.Environment);
    }

    public static partial LaunchedProgram Start(LaunchOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var process = Spawn.StartBeside(order.Path, order.Arguments, order.Environment);
        // The wait is a blocking call: it has a thread of its own.
        var ended = Task.Factory.StartNew(
            () => Spawn.Reap(process),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        return new LaunchedProgram(process, ended);
    }

    public static partial bool HasTerminal() => Spawn.IsTerminal();
}
