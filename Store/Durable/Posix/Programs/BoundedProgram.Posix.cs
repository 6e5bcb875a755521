using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

public static unsafe partial class BoundedProgram
{
    /// <summary>The pause between two looks for the end of a program whose output is silent, milliseconds.</summary>
    private const int PollMilliseconds = 50;

    /// <summary>The wait for output once the program has ended: a child of it may hold the pipe.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc cref="Run"/>
    public static partial ProgramOutcome Run(
        ProgramOrder order, TimeProvider clock, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(clock);
        using var step = order.Changes is { } changed ? FaultPoint.Hit(FsOperation.Write, changed) : default;
        var (read, write) = Spawn.MakePipe();
        using var output = read;
        int process;
        using (write)
            process = Spawn.Start(order.Command, order.Environment, write);

        var tail = new OutputTail(MaxOutputBytes);
        var hasEnded = false;
        int exitCode;
        try
        {
            hasEnded = Wait(order, clock, process, output, tail, cancellationToken);
        }
        finally
        {
            // The process is not reaped yet, so that the number is still that of its group.
            _ = Libc.Kill(-process, Libc.KillSignal);
            exitCode = Spawn.Reap(process);
        }
        return new ProgramOutcome(exitCode, !hasEnded, tail.ToString());
    }

    /// <summary>Waits for the end of the program; false when its time is up.</summary>
    private static bool Wait(
        ProgramOrder order,
        TimeProvider clock,
        int process,
        SafeFileHandle output,
        OutputTail tail,
        CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var buffer = new byte[4096];
        while (clock.GetElapsedTime(started) < order.Limit)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var isOpen = Drain(output, buffer, tail);
            if (Spawn.HasEnded(process))
            {
                var ended = clock.GetTimestamp();
                while (isOpen && clock.GetElapsedTime(ended) < OutputGrace)
                    isOpen = Drain(output, buffer, tail);
                return true;
            }
            if (!isOpen)
                cancellationToken.WaitHandle.WaitOne(PollMilliseconds);
        }
        return false;
    }

    /// <summary>Reads what there is, waiting a moment for it; false at the end.</summary>
    private static bool Drain(SafeFileHandle output, byte[] buffer, OutputTail tail)
    {
        if (!Spawn.WaitForInput(output, PollMilliseconds))
            return true;
        var count = Spawn.Read(output, buffer);
        tail.Append(buffer.AsSpan(0, count));
        return count > 0;
    }
}
