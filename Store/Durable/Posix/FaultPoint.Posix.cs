using System.Runtime.InteropServices;
using System.Text;

namespace ChunkOta.Durable;

internal static partial class FaultPoint
{
    private const int AppendFlags = 1 | 0x400 | Libc.CreateFlag;

    internal static partial void KillProcess()
    {
        _ = Libc.Kill(Libc.ProcessId(), Libc.KillSignal);
        throw new InvalidOperationException("the process outlived SIGKILL");
    }

    internal static partial void Record(string log, string line)
    {
        using var file = Sys.Open(log, AppendFlags, FileStatus.ModeOf(Permissions.Private));
        var bytes = Encoding.UTF8.GetBytes(line);
        unsafe
        {
            fixed (byte* start = bytes)
            {
                if (Libc.Append(file, start, (nuint)bytes.Length) != bytes.Length)
                    throw Sys.Failure(FsOperation.Write, log, (Errno)Marshal.GetLastPInvokeError());
            }
        }
    }
}
