using System.Diagnostics;

namespace ChunkOta.Durable;

/// <summary>The processor time and memory that this process has used so far.</summary>
public static unsafe class ProcessFigures
{
    /// <summary>Processor time, user and kernel, seconds.</summary>
    public static double CpuSeconds => Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>The most memory it ever held resident, bytes; 0 where the kernel does not say.</summary>
    /// <remarks>
    /// Where there is no <c>/proc</c> to read, the figure outlives an exec: the child of a large process starts with
    /// that one's.
    /// </remarks>
    public static long PeakRssBytes
    {
        get
        {
            if (Directory.Exists("/proc/self"))
            {
                using var process = Process.GetCurrentProcess();
                return process.PeakWorkingSet64;
            }

            Libc.UsageBuffer usage;
            return Libc.Usage(0, &usage) == 0 ? usage.PeakResidentKibibytes * 1024 : 0;
        }
    }
}
