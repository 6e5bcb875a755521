using System.Text;
using ChunkOta.Protos;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Cli;

/// <summary>Standard output or standard error of the process. A write that fails is remembered and never thrown:
/// what a program did must not depend on who reads about it.</summary>
/// <remarks>A reader that closed its pipe has read what it wanted: that is not a failure.</remarks>
internal sealed class StandardStream : TextWriter
{
    private const int StandardDescriptors = 3;
    private const int Output = 1;
    private const int CloseOnExec = 0x80000;

    /// <summary>Keeps the descriptors of closed streams occupied for the life of the process.</summary>
    private static readonly List<SafeFileHandle> Occupied = [];

    private readonly StreamWriter? _writer;

    private StandardStream(int descriptor)
    {
        if (IsTaken(descriptor))
        {
            Failure = "it is closed";
            return;
        }
        try
        {
            var stream = descriptor == Output ? Console.OpenStandardOutput() : Console.OpenStandardError();
            _writer = new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true };
        }
        catch (Exception e) when (IsFailure(e))
        {
            Failure = ReasonOf(e);
        }
    }

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>The reason why not everything was written; null if everything was.</summary>
    public string? Failure { get; private set; }

    /// <summary>Opens both streams of the process, once, before any other file is opened.</summary>
    public static (StandardStream Out, StandardStream Error) Open()
    {
        OccupyClosed();
        return (new StandardStream(Output), new StandardStream(Output + 1));
    }

    /// <inheritdoc/>
    public override void Write(char value) => Try(writer => writer.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => Try(writer => writer.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) =>
        Try(writer => writer.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + NewLine);

    /// <inheritdoc/>
    public override void Flush() => Try(writer => writer.Flush());

    /// <summary>Puts /dev/null in place of streams that the parent closed: otherwise the next file that is opened, such
    /// as one of a release, would get the descriptor and with it everything that is printed.</summary>
    private static void OccupyClosed()
    {
        try
        {
            var closed = Enumerable.Range(0, StandardDescriptors).Count(descriptor => !IsOpen(descriptor));
            for (; closed > 0; closed--)
            {
                Occupied.Add(File.OpenHandle(
                    "/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite));
            }
        }
        catch (Exception e) when (IsFailure(e))
        {
            // Without a /dev, as in a bare chroot, they stay closed.
            return;
        }
    }

    private static bool IsOpen(int descriptor)
    {
        if (OperatingSystem.IsWindows())
            return true;
        try
        {
            using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
            File.GetUnixFileMode(handle);
            return true;
        }
        catch (Exception e) when (IsFailure(e))
        {
            return false;
        }
    }

    /// <summary>True when the parent closed the stream and something else has its descriptor, such as the pipe by which
    /// the runtime gets signals: text written there would be read as signals.</summary>
    private static bool IsTaken(int descriptor)
    {
        try
        {
            // A descriptor that was inherited is never closed on exec; one that this process opened always is.
            var flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}")
                .First(line => line.StartsWith("flags:", StringComparison.Ordinal))["flags:".Length..];
            return (Convert.ToInt32(flags.Trim(), 8) & CloseOnExec) != 0;
        }
        catch (Exception e) when (IsFailure(e) || e is InvalidOperationException)
        {
            return !IsOpen(descriptor);
        }
    }

    private static bool IsFailure(Exception e) =>
        e is IOException or UnauthorizedAccessException or ObjectDisposedException;

    private static string ReasonOf(Exception e) =>
        e is IOException ? OneLine.Of(e.Message.TrimEnd('.')) : "it is closed";

    private void Try(Action<StreamWriter> write)
    {
        if (_writer is null)
            return;
        lock (_writer)
        {
            try
            {
                write(_writer);
            }
            catch (Exception e) when (IsFailure(e))
            {
                Failure ??= ReasonOf(e);
            }
        }
    }
}
