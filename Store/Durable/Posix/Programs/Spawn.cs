using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <summary>Starts and ends processes by posix_spawn(3), which the runtime's own class cannot give a process group of
/// their own.</summary>
internal static unsafe partial class Spawn
{
    private const int StandardInput = 0;
    private const int StandardOutput = 1;
    private const int StandardError = 2;
    private const short SetGroup = 0x02;
    private const short SetDefaultSignals = 0x04;
    private const short SetSignalMask = 0x08;
    private const int DoNotWait = 1;
    private const int Ended = 4;
    private const int DoNotReap = 0x01000000;
    private const int ByProcess = 1;
    private const int SignalInformationBytes = 128;
    private const short InputEvent = 1;
    private const int OpaqueBytes = 512;
    private const int Interrupted = 4;
    private const int BrokenPipe = 13;
    private const int SetWholeMask = 2;

    /// <summary>Makes a pipe that no program inherits by accident.</summary>
    public static (SafeFileHandle Read, SafeFileHandle Write) MakePipe()
    {
        var ends = stackalloc int[2];
        if (Pipe(ends, Libc.CloseOnExec) != 0)
            throw Failure("a pipe cannot be made", Marshal.GetLastPInvokeError());
        return (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
    }

    /// <summary>Starts a program in a process group of its own.</summary>
    /// <param name="command">Its absolute path and its arguments.</param>
    /// <param name="environment">Its environment.</param>
    /// <param name="output">What it writes goes there.</param>
    /// <returns>The process, which is also the group.</returns>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>.</exception>
    public static int Start(IReadOnlyList<string> command, IReadOnlyList<string> environment, SafeFileHandle output)
    {
        // Both types are opaque; 512 bytes are more than any C library needs.
        var actions = stackalloc byte[OpaqueBytes];
        var attributes = stackalloc byte[OpaqueBytes];
        var signals = stackalloc byte[OpaqueBytes];
        Check(InitializeActions(actions));
        Check(InitializeAttributes(attributes));
        try
        {
            var descriptor = (int)output.DangerousGetHandle();
            Check(AddOpen(actions, StandardInput, "/dev/null", Libc.ReadOnly, 0));
            Check(AddDuplicate(actions, descriptor, StandardOutput));
            Check(AddDuplicate(actions, descriptor, StandardError));
            // The runtime ignores SIGPIPE and handles others: a program must begin as from a shell.
            Check(FillSignals(signals));
            Check(SetDefaults(attributes, signals));
            Check(EmptySignals(signals));
            Check(SetMask(attributes, signals));
            Check(SetProcessGroup(attributes, 0));
            Check(SetFlags(attributes, SetGroup | SetDefaultSignals | SetSignalMask));
            using var arguments = new StringVector(command);
            using var variables = new StringVector(environment);
            int process;
            var error = Start(&process, command[0], actions, attributes, arguments.Pointer, variables.Pointer);
            return error == 0 ? process : throw Failure($"{command[0]} cannot be started", error);
        }
        finally
        {
            _ = DestroyActions(actions);
            _ = DestroyAttributes(attributes);
        }
    }

    /// <summary>Starts a program that shares everything with this process: group, terminal and streams.</summary>
    /// <returns>The process.</returns>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>.</exception>
    public static int StartBeside(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        var attributes = stackalloc byte[OpaqueBytes];
        var signals = stackalloc byte[OpaqueBytes];
        Check(InitializeAttributes(attributes));
        try
        {
            // The runtime ignores SIGPIPE; whatever else is ignored, a parent has decided so.
            Check(EmptySignals(signals));
            Check(SetMask(attributes, signals));
            Check(AddSignal(signals, BrokenPipe));
            Check(SetDefaults(attributes, signals));
            Check(SetFlags(attributes, SetDefaultSignals | SetSignalMask));
            using var words = new StringVector(arguments);
            using var variables = new StringVector(environment);
            int process;
            var error = Start(&process, path, null, attributes, words.Pointer, variables.Pointer);
            return error == 0 ? process : throw Failure($"{path} cannot be started", error);
        }
        finally
        {
            _ = DestroyAttributes(attributes);
        }
    }

    /// <summary>Tells whether standard input is a terminal.</summary>
    public static bool IsTerminal() => IsTerminal(StandardInput) == 1;

    /// <summary>Replaces this process by a program.</summary>
    /// <returns>Why it failed: it returns only then.</returns>
    public static ChunkOtaException Replace(
        string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        var signals = stackalloc byte[OpaqueBytes];
        using var words = new StringVector(arguments);
        using var variables = new StringVector(environment);
        // What the runtime ignores or blocks would stay so in the program.
        _ = SetDisposition(BrokenPipe, 0);
        Check(EmptySignals(signals));
        Check(SetThreadMask(SetWholeMask, signals, null));
        _ = Execute(path, words.Pointer, variables.Pointer);
        return Failure($"{path} cannot be started", Marshal.GetLastPInvokeError());
    }

    /// <summary>Tells whether a process has ended. Its number stays taken until it is reaped.</summary>
    public static bool HasEnded(int process)
    {
        var information = stackalloc int[SignalInformationBytes / sizeof(int)];
        return WaitFor(ByProcess, process, information, Ended | DoNotWait | DoNotReap) == 0 && information[0] != 0;
    }

    /// <summary>Waits for the end of a process.</summary>
    /// <returns>What it exited with; 128 and the signal's number if a signal ended it.</returns>
    public static int Reap(int process)
    {
        int status, reaped;
        do
            reaped = WaitForProcess(process, &status, 0);
        while (reaped < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        if (reaped < 0)
            throw Failure($"process {process} cannot be waited for", Marshal.GetLastPInvokeError());
        var signal = status & 0x7f;
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
    }

    /// <summary>Tells whether there is something to read, or the end, before a time is up.</summary>
    public static bool WaitForInput(SafeFileHandle pipe, int milliseconds)
    {
        var poll = new PollEntry { Descriptor = (int)pipe.DangerousGetHandle(), Events = InputEvent };
        return Poll(&poll, 1, milliseconds) > 0;
    }

    /// <summary>Reads what there is; 0 at the end.</summary>
    public static int Read(SafeFileHandle pipe, Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            nint count;
            do
                count = Read(pipe, start, (nuint)destination.Length);
            while (count < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return (int)Math.Max(0, count);
        }
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw Failure("a program cannot be started", error);
    }

    private static ChunkOtaException Failure(string what, int error) =>
        new(ErrorCodes.IoError, $"{what}: {Marshal.GetPInvokeErrorMessage(error)}");

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Start(
        int* process, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int InitializeActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int DestroyActions(byte* actions);

    [LibraryImport(
        "libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddOpen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int InitializeAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int DestroyAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    private static partial int SetProcessGroup(byte* attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SetDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SetMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static partial int FillSignals(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int EmptySignals(byte* signals);

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsTerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "sigaddset")]
    private static partial int AddSignal(byte* signals, int signal);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetDisposition(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SetThreadMask(int how, byte* signals, byte* before);

    [LibraryImport(
        "libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitForProcess(int process, int* status, int options);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitFor(int kind, int process, int* information, int options);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle file, byte* destination, nuint bytes);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>A null-terminated list of C strings.</summary>
    private sealed class StringVector : IDisposable
    {
        private readonly int _count;

        public StringVector(IReadOnlyList<string> strings)
        {
            _count = strings.Count;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
                Pointer[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
                Marshal.FreeCoTaskMem((nint)Pointer[i]);
            NativeMemory.Free(Pointer);
        }
    }
}
