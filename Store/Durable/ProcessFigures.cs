using System.Diagnostics;

namespace ChunkOta.Durable;

/// <summary>The processor time and memory that this process has used so far.</summary>
public static class ProcessFigures
{
    /// <summary>Processor time, user and kernel, seconds.</summary>
    public static double CpuSeconds => Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>The most memory it ever held resident, bytes; 0 where the kernel does not say.</summary>
    /// <remarks>
    /// Without <c>/proc</c> the figure survives an exec: the child of a large process starts with its parent's.
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
            return Sys.PeakResidentBytes();
        }
    }
}
