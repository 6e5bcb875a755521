using System.Runtime.CompilerServices;

namespace ChunkOta.Durable;

/// <summary>The point at which a test makes the disk fail or the process die. Every operation that changes the disk
/// passes it.</summary>
/// <remarks>
/// Armed by the environment, <c>CHUNKOTA_FAULT=at=37;mode=kill;op=Sync;path=releases/;log=/tmp/steps</c>, or by
/// <see cref="Arm(string)"/>. In normal runs a pass costs one test of a static field.
/// </remarks>
internal static partial class FaultPoint
{
    /// <summary>The environment variable read once, at the first operation.</summary>
    public const string Variable = "CHUNKOTA_FAULT";

    private static readonly Lock Changing = new();
    private static IDiskObserver[]? Armed = FromEnvironment();

    /// <summary>Arms a fault for this process until the answer is disposed of.</summary>
    /// <param name="schedule">
    /// As in the environment: <c>at</c> counts the matching operations from 1 (default 1), <c>mode</c> is one of
    /// <c>kill</c>, <c>kill-after</c>, <c>torn</c>, <c>eio</c>, <c>enospc</c>, <c>edquot</c>, <c>erofs</c>, <c>lie</c>
    /// (a sync reports success and does nothing) or <c>log</c> (count and record only), <c>op</c> an
    /// <see cref="FsOperation"/>, <c>path</c> a part of the path, <c>sticky</c> makes every later match fail as well,
    /// <c>log</c> names a file that gets a line for every match.
    /// </param>
    /// <exception cref="ArgumentException">The schedule cannot be understood.</exception>
    public static ArmedFault Arm(string schedule)
    {
        var parsed = FaultSchedule.Parse(schedule);
        return new ArmedFault(parsed, Arm(parsed));
    }

    /// <summary>Shows every operation of this process to an observer until the answer is disposed of.</summary>
    /// <param name="observer">The observer; several may be armed at once.</param>
    public static IDisposable Arm(IDiskObserver observer)
    {
        lock (Changing)
            Armed = [.. Armed ?? [], observer];
        return new Disarming(observer);
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
        var observers = Armed ?? [];
        var (isTorn, isSkipped, diesAfter) = (false, false, false);
        foreach (var observer in observers)
        {
            switch (observer.Before(operation, path))
            {
                case FaultMode.Kill:
                    KillProcess();
                    break;
                case FaultMode.KillAfter:
                    diesAfter = true;
                    break;
                case FaultMode.Torn when operation == FsOperation.Write:
                    (isTorn, diesAfter) = (true, true);
                    break;
                case FaultMode.Torn:
                    KillProcess();
                    break;
                case FaultMode.Half:
                    isTorn = true;
                    break;
                case FaultMode.Lie:
                    isSkipped = operation
                        is FsOperation.Sync or FsOperation.SyncDirectory or FsOperation.SyncFileSystem;
                    break;
                case FaultMode.Io:
                    throw new FileSystemException(operation, path, FileProblem.DeviceFailed, "injected by a test");
                case FaultMode.NoSpace or FaultMode.Quota:
                    throw new FileSystemException(operation, path, FileProblem.Full);
                case FaultMode.ReadOnly:
                    throw new FileSystemException(operation, path, FileProblem.NotPermitted, "injected by a test");
                default:
                    break;
            }
        }
        return new FaultStep(observers, operation, path)
        {
            IsTorn = isTorn,
            IsSkipped = isSkipped,
            DiesAfter = diesAfter,
        };
    }

    private static IDiskObserver[]? FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } schedule
            ? [FaultSchedule.Parse(schedule)]
            : null;

    private sealed class Disarming(IDiskObserver observer) : IDisposable
    {
        public void Dispose()
        {
            lock (Changing)
            {
                IDiskObserver[] left = [.. (Armed ?? []).Where(other => other != observer)];
                Armed = left.Length == 0 ? null : left;
            }
        }
    }
}

/// <summary>A fault that is armed until this is disposed of.</summary>
/// <param name="schedule">Its schedule.</param>
/// <param name="armed">Disarms it.</param>
internal sealed class ArmedFault(FaultSchedule schedule, IDisposable armed) : IDisposable
{
    /// <summary>True once the fault has struck, whether anybody was told or not.</summary>
    public bool HasStruck => schedule.HasStruck;

    /// <summary>Disarms the fault.</summary>
    public void Dispose() => armed.Dispose();
}

/// <summary>The request of a fault point to the operation that passed it: usually none.</summary>
/// <param name="observers">Those that are told when the operation has ended.</param>
/// <param name="operation">The operation.</param>
/// <param name="path">Its path.</param>
internal readonly ref struct FaultStep(IDiskObserver[] observers, FsOperation operation, string path)
{
    private readonly IDiskObserver[]? _observers = observers;

    /// <summary>The operation writes only the first half.</summary>
    public bool IsTorn { get; init; }

    /// <summary>The sync is not made, though it reports success.</summary>
    public bool IsSkipped { get; init; }

    /// <summary>The process dies when this is disposed of.</summary>
    public bool DiesAfter { get; init; }

    /// <summary>Ends the step.</summary>
    public void Dispose()
    {
        if (DiesAfter)
            FaultPoint.KillProcess();
        foreach (var observer in _observers ?? [])
            observer.After(operation, path);
    }
}
