using System.Runtime.CompilerServices;

namespace ChunkOta.Durable;

/// <summary>The point at which a test makes the disk fail or the process die. Every operation that changes the disk
/// passes it.</summary>
/// <remarks>
/// Armed by the environment, <c>CHUNKOTA_FAULT=at=37;mode=kill;op=Sync;path=releases/;log=/tmp/steps</c>, or by
/// <see cref="Arm"/>. In normal runs a pass costs one test of a static field.
/// </remarks>
internal static partial class FaultPoint
{
    /// <summary>The environment variable read once, at the first operation.</summary>
    public const string Variable = "CHUNKOTA_FAULT";

    private static readonly Lock Changing = new();
    private static FaultSchedule[]? Armed = FromEnvironment();

    /// <summary>Arms a fault for this process until the answer is disposed of.</summary>
    /// <param name="schedule">
    /// As in the environment: <c>at</c> counts the matching operations from 1 (default 1), <c>mode</c> is one of
    /// <c>kill</c>, <c>kill-after</c>, <c>torn</c>, <c>eio</c>, <c>enospc</c> or <c>log</c> (count and record only),
    /// <c>op</c> an <see cref="FsOperation"/>, <c>path</c> a part of the path, <c>sticky</c> makes every later match
    /// fail as well, <c>log</c> names a file that gets a line for every match.
    /// </param>
    /// <exception cref="ArgumentException">The schedule cannot be understood.</exception>
    public static ArmedFault Arm(string schedule)
    {
        var added = FaultSchedule.Parse(schedule);
        lock (Changing)
            Armed = [.. Armed ?? [], added];
        return new ArmedFault(added);
    }

    /// <summary>Disarms a fault.</summary>
    internal static void Disarm(FaultSchedule schedule)
    {
        lock (Changing)
        {
            FaultSchedule[] left = [.. (Armed ?? []).Where(other => other != schedule)];
            Armed = left.Length == 0 ? null : left;
        }
    }

    /// <summary>Passes the fault point before an operation; dispose of the answer after it.</summary>
    /// <param name="operation">What is about to be done.</param>
    /// <param name="path">To which path.</param>
    /// <exception cref="FileSystemException">A fault is armed for this step.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FaultStep Hit(FsOperation operation, string path) =>
        Armed is null ? default : Strike(operation, path);

    /// <summary>Ends the process at once, as a power cut would: nothing is flushed, nothing is cleaned up.</summary>
    internal static partial void KillProcess();

    /// <summary>Appends a line to a log of steps.</summary>
    internal static partial void Record(string log, string line);

    private static FaultStep Strike(FsOperation operation, string path)
    {
        var step = default(FaultStep);
        foreach (var schedule in Armed ?? [])
        {
            switch (schedule.Pass(operation, path))
            {
                case FaultMode.Kill:
                    KillProcess();
                    break;
                case FaultMode.KillAfter:
                    step = new FaultStep(isTorn: false, diesAfter: true);
                    break;
                case FaultMode.Torn when operation == FsOperation.Write:
                    step = new FaultStep(isTorn: true, diesAfter: true);
                    break;
                case FaultMode.Torn:
                    KillProcess();
                    break;
                case FaultMode.Io:
                    throw new FileSystemException(operation, path, FileProblem.DeviceFailed, "injected by a test");
                case FaultMode.NoSpace:
                    throw new FileSystemException(operation, path, FileProblem.Full);
                default:
                    break;
            }
        }
        return step;
    }

    private static FaultSchedule[]? FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } schedule
            ? [FaultSchedule.Parse(schedule)]
            : null;
}

/// <summary>A fault that is armed until this is disposed of.</summary>
/// <param name="schedule">Its schedule.</param>
internal sealed class ArmedFault(FaultSchedule schedule) : IDisposable
{
    /// <summary>True once the fault has struck, whether anybody was told or not.</summary>
    public bool HasStruck => schedule.HasStruck;

    /// <summary>Disarms the fault.</summary>
    public void Dispose() => FaultPoint.Disarm(schedule);
}

/// <summary>The request of a fault point to the operation that passed it: usually none.</summary>
/// <param name="isTorn">The operation writes only the first half.</param>
/// <param name="diesAfter">The process dies when this is disposed of.</param>
internal readonly ref struct FaultStep(bool isTorn, bool diesAfter)
{
    /// <summary>The write is to stop half-way; the process dies after it.</summary>
    public bool IsTorn { get; } = isTorn;

    /// <summary>Ends the step.</summary>
    public void Dispose()
    {
        if (diesAfter)
            FaultPoint.KillProcess();
    }
}
