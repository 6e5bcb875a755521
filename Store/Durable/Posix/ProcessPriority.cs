using System.Globalization;
using System.Runtime.InteropServices;

namespace ChunkOta.Durable;

/// <summary>The priority of this process for the processor and the disk.</summary>
public static partial class ProcessPriority
{
    private const int OneThread = 0;
    private const int OneThreadForIo = 1;
    private const int IdleClass = 3;
    private const int ClassShift = 13;

    private static readonly bool IsArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static nint SetIoPriorityNumber => IsArm64 ? 30 : 251;

    /// <summary>Lowers the priority of every thread, and of those that they start. It is never raised.</summary>
    /// <remarks>Priorities belong to threads on Linux. What the system refuses stays as it is.</remarks>
    /// <param name="niceness">The niceness, 0 to 19.</param>
    /// <param name="isIoIdle">True to use the disk only while nobody else does.</param>
    public static void Lower(int niceness, bool isIoIdle)
    {
        foreach (var path in Directory.GetDirectories("/proc/self/task"))
        {
            var thread = int.Parse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture);
            if (GetPriority(OneThread, thread) < niceness)
                _ = SetPriority(OneThread, thread, niceness);
            if (isIoIdle)
                _ = SetIoPriority(SetIoPriorityNumber, OneThreadForIo, thread, IdleClass << ClassShift);
        }
    }

    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int GetPriority(int which, int who);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int niceness);

    /// <summary>ioprio_set, which the C library has no wrapper for.</summary>
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SetIoPriority(nint number, nint which, nint who, nint priority);
}
